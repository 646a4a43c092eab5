package encode

import (
	"encoding/binary"
	"net/netip"
)

// counterSample appends the counters of an interface with those of Ethernet, which are all 0, and its name.
func (a *Agent) counterSample(dst []byte, s *Sample) []byte {
	b := binary.BigEndian
	format := uint32(sampleCounter)
	if a.cfg.Expanded {
		format = sampleExpandedCounter
	}
	dst, from := openStruct(dst, format)
	dst = a.source(b.AppendUint32(dst, a.number(s)), s.Source)
	dst = b.AppendUint32(dst, 3)
	dst = appendGeneric(dst, s.Counters)
	dst, record := openStruct(dst, recordEthernetCounters)
	dst = append(dst, make([]byte, 13*4)...)
	closeStruct(dst, record)
	dst, record = openStruct(dst, recordPortName)
	name := s.Counters.Interface.Name
	dst = append(b.AppendUint32(dst, uint32(len(name))), name...)
	dst = append(dst, make([]byte, -len(name)&3)...)
	closeStruct(dst, record)
	closeStruct(dst, from)
	return dst
}

func appendGeneric(dst []byte, c *Counters) []byte {
	b := binary.BigEndian
	dst, from := openStruct(dst, recordGenericCounters)
	dst = b.AppendUint32(b.AppendUint32(dst, c.Interface.Index), etherCSMACD)
	dst = b.AppendUint64(dst, c.Interface.Speed)
	dst = b.AppendUint32(b.AppendUint32(dst, fullDuplex), upUp)
	dst = appendTraffic(dst, &c.In)
	dst = b.AppendUint32(dst, 0) // packets of unknown protocols
	dst = appendTraffic(dst, &c.Out)
	dst = b.AppendUint32(dst, 0) // not promiscuous
	closeStruct(dst, from)
	return dst
}

func appendTraffic(dst []byte, t *Traffic) []byte {
	b := binary.BigEndian
	dst = b.AppendUint64(dst, t.Octets)
	for _, n := range [...]uint64{t.Unicast, t.Multicast, t.Broadcast, t.Discards, t.Errors} {
		dst = b.AppendUint32(dst, uint32(n))
	}
	return dst
}

// source appends a data source of the class of interfaces.
func (a *Agent) source(dst []byte, index uint32) []byte {
	if a.cfg.Expanded {
		dst = binary.BigEndian.AppendUint32(dst, 0)
	}
	return binary.BigEndian.AppendUint32(dst, index)
}

// ifIndex appends an interface of format 0.
func (a *Agent) ifIndex(dst []byte, index uint32) []byte { return a.source(dst, index) }

// openStruct begins a structure of a format, whose length closeStruct fills in.
func openStruct(dst []byte, format uint32) (out []byte, from int) {
	dst = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(dst, format), 0)
	return dst, len(dst)
}

func closeStruct(dst []byte, from int) {
	binary.BigEndian.PutUint32(dst[from-4:], uint32(len(dst)-from))
}

// appendXDRAddr appends an address with its type.
func appendXDRAddr(dst []byte, a netip.Addr) []byte {
	kind := uint32(2)
	if a.Is4() {
		kind = 1
	}
	return append(binary.BigEndian.AppendUint32(dst, kind), a.AsSlice()...)
}
