package encode

import (
	"encoding/binary"
	"time"
)

// ipfix is IPFIX (RFC 7011). Flow times are absolute milliseconds, so nothing
// depends on an uptime the header does not have.
type ipfix struct{}

const (
	ipfixTemplateSet = 2
	ipfixOptionsSet  = 3
	// ipfixVariable is the field length that announces variable length.
	ipfixVariable = 0xffff
	// ipfixSystematic is selectorAlgorithm 1: systematic count-based sampling
	// (RFC 5477 section 8.2.1), described by IEs 305 and 306.
	ipfixSystematic = 1
)

func (ipfix) traits() traits {
	return traits{templateSet: ipfixTemplateSet, align: 1, sampler: Field{ieSelectorID, 8}}
}

func (ipfix) header(dst []byte, e *Exporter, now time.Time) []byte {
	b := binary.BigEndian
	dst = b.AppendUint16(dst, 10)
	dst = b.AppendUint16(dst, 0) // length, see finish
	dst = b.AppendUint32(dst, uint32(now.Unix()))
	dst = b.AppendUint32(dst, e.seq)
	return b.AppendUint32(dst, e.cfg.Domain)
}

// finish writes the message length; the sequence number counts data records,
// options data among them (RFC 7011 section 3.1).
func (ipfix) finish(msg []byte, e *Exporter, n recordCount) {
	binary.BigEndian.PutUint16(msg[2:], uint16(len(msg)))
	e.seq += uint32(n.data)
}

func (ipfix) options(dst []byte, e *Exporter) ([]byte, recordCount) {
	var n recordCount
	b := binary.BigEndian
	if e.cfg.Sampling > 1 {
		dst = ipfixOptionsTemplate(dst, templateSampler, Field{ieSelectorID, 8},
			Field{ieSelectorAlgo, 2}, Field{iePacketIval, 4}, Field{iePacketSpace, 4})
		set := len(dst)
		dst = openSet(dst, templateSampler)
		dst = b.AppendUint64(dst, samplerID)
		dst = b.AppendUint16(dst, ipfixSystematic)
		dst = b.AppendUint32(dst, 1)
		dst = b.AppendUint32(dst, e.cfg.Sampling-1)
		closeSet(dst, set)
		n = recordCount{templates: 1, data: 1}
	}
	if len(e.cfg.Interfaces) > 0 {
		dst = ipfixOptionsTemplate(dst, templateInterface, Field{ieIngressIf, 4}, Field{ieInterfaceName, ipfixVariable})
		dst = ipfixInterfaceData(dst, e.cfg.Interfaces)
		n.templates++
		n.data += len(e.cfg.Interfaces)
	}
	return dst, n
}

func ipfixOptionsTemplate(dst []byte, id uint16, scope Field, options ...Field) []byte {
	set := len(dst)
	dst = openSet(dst, ipfixOptionsSet)
	dst = binary.BigEndian.AppendUint16(dst, id)
	dst = binary.BigEndian.AppendUint16(dst, uint16(1+len(options)))
	dst = binary.BigEndian.AppendUint16(dst, 1) // scope field count
	dst = appendFields(dst, scope)
	dst = appendFields(dst, options...)
	closeSet(dst, set)
	return dst
}

// ipfixInterfaceData writes names with variable length (RFC 7011 section 7).
func ipfixInterfaceData(dst []byte, interfaces []Interface) []byte {
	set := len(dst)
	dst = openSet(dst, templateInterface)
	for _, i := range interfaces {
		name := i.Name[:min(len(i.Name), 254)]
		dst = binary.BigEndian.AppendUint32(dst, i.Index)
		dst = append(dst, byte(len(name)))
		dst = append(dst, name...)
	}
	closeSet(dst, set)
	return dst
}
