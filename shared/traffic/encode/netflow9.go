package encode

import (
	"encoding/binary"
	"time"
)

// netflow9 is NetFlow v9 (RFC 3954). Its header has seconds only, so readers
// see the export time up to a second early against sysUptime, as with real
// devices.
type netflow9 struct{}

const (
	v9TemplateSet = 0
	v9OptionsSet  = 1
	// Scope types of RFC 3954 section 6.1.
	v9ScopeSystem    = 1
	v9ScopeInterface = 2
	v9NameLen        = 16
	// v9Random is flowSamplerMode 2: random sampling.
	v9Random = 2
)

func (netflow9) traits() traits {
	return traits{templateSet: v9TemplateSet, align: 4, sampler: Field{ieSamplerID, 1}}
}

func (netflow9) header(dst []byte, e *Exporter, now time.Time) []byte {
	b := binary.BigEndian
	dst = b.AppendUint16(dst, 9)
	dst = b.AppendUint16(dst, 0) // count, see finish
	dst = b.AppendUint32(dst, e.uptime(now))
	dst = b.AppendUint32(dst, uint32(now.Unix()))
	dst = b.AppendUint32(dst, e.seq)
	return b.AppendUint32(dst, e.cfg.Domain)
}

// finish writes the count of all records, templates too (RFC 3954 section 5.1),
// and counts one datagram.
func (netflow9) finish(msg []byte, e *Exporter, n recordCount) {
	binary.BigEndian.PutUint16(msg[2:], uint16(n.templates+n.data))
	e.seq++
}

func (netflow9) options(dst []byte, e *Exporter) ([]byte, recordCount) {
	var n recordCount
	if e.cfg.Sampling > 1 {
		dst = v9OptionsTemplate(dst, templateSampler, Field{v9ScopeSystem, 4},
			Field{ieSamplerID, 1}, Field{ieSamplerMode, 1}, Field{ieSamplerRandom, 4})
		set := len(dst)
		dst = openSet(dst, templateSampler)
		dst = binary.BigEndian.AppendUint32(dst, 0)
		dst = append(dst, samplerID, v9Random)
		dst = binary.BigEndian.AppendUint32(dst, e.cfg.Sampling)
		dst = pad(dst, set, 4)
		closeSet(dst, set)
		n = recordCount{templates: 1, data: 1}
	}
	if len(e.cfg.Interfaces) > 0 {
		dst = v9OptionsTemplate(dst, templateInterface, Field{v9ScopeInterface, 4}, Field{ieInterfaceName, v9NameLen})
		dst = v9InterfaceData(dst, e.cfg.Interfaces)
		n.templates++
		n.data += len(e.cfg.Interfaces)
	}
	return dst, n
}

func v9OptionsTemplate(dst []byte, id uint16, scope Field, options ...Field) []byte {
	set := len(dst)
	dst = openSet(dst, v9OptionsSet)
	dst = binary.BigEndian.AppendUint16(dst, id)
	dst = binary.BigEndian.AppendUint16(dst, 4) // lengths in bytes of the scope and option field lists
	dst = binary.BigEndian.AppendUint16(dst, uint16(4*len(options)))
	dst = appendFields(dst, scope)
	dst = appendFields(dst, options...)
	dst = pad(dst, set, 4)
	closeSet(dst, set)
	return dst
}

func v9InterfaceData(dst []byte, interfaces []Interface) []byte {
	set := len(dst)
	dst = openSet(dst, templateInterface)
	for _, i := range interfaces {
		dst = binary.BigEndian.AppendUint32(dst, i.Index)
		var name [v9NameLen]byte
		copy(name[:], i.Name)
		dst = append(dst, name[:]...)
	}
	closeSet(dst, set)
	return dst
}
