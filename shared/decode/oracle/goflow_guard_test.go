package oracle

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
)

// What follows keeps from goflow2 what it is known to read otherwise than the RFCs: a record that is cut short is none.

// fieldsOf returns all fields of a template or options template.
func fieldsOf(template any) (list []netflow.Field) {
	switch t := template.(type) {
	case netflow.TemplateRecord:
		list = t.Fields
	case netflow.NFv9OptionsTemplateRecord:
		list = append(append(list, t.Scopes...), t.Options...)
	case netflow.IPFIXOptionsTemplateRecord:
		list = append(append(list, t.Scopes...), t.Options...)
	}
	return list
}

// wholeRecords returns the set without what is behind its last whole record: goflow2 takes values that are cut short, and gives
// up a set with half a length.
func wholeRecords(data []byte, fields []netflow.Field) []byte {
	const header = 4
	end := header
	for end < len(data) {
		next, ok := recordEnd(data, end, fields)
		if !ok || next == end {
			break
		}
		end = next
	}
	out := append([]byte(nil), data[:end]...)
	binary.BigEndian.PutUint16(out[2:], uint16(end))
	return out
}

// recordEnd returns where the record that begins at offset at ends.
func recordEnd(data []byte, at int, fields []netflow.Field) (end int, ok bool) {
	for _, f := range fields {
		n := int(f.Length)
		if n == 0xffff {
			if at >= len(data) {
				return 0, false
			}
			n = int(data[at])
			if at++; n == 255 {
				if at+2 > len(data) {
					return 0, false
				}
				n = int(binary.BigEndian.Uint16(data[at:]))
				at += 2
			}
		}
		if at += n; at > len(data) {
			return 0, false
		}
	}
	return at, true
}

// define reads a set of definitions. goflow2's readers return what they have read before a fault, which its own decoder of sets
// throws away. added is called after each definition.
func (g *guardedTemplates) define(s set, added func()) (handled bool) {
	payload, id := bytes.NewBuffer(s.bytes[4:]), binary.BigEndian.Uint16(s.bytes)
	if id >= 256 {
		return false
	}
	g.ended = false
	add := func(id uint16, template any) {
		_ = g.AddTemplate(s.version, s.domain, id, template)
		added()
	}
	switch {
	case s.version == 9 && id == 0 || s.version == 10 && id == 2:
		list, _ := netflow.DecodeTemplateSet(s.version, payload)
		for _, t := range list {
			add(t.TemplateId, t)
		}
	case s.version == 9 && id == 1:
		list, _ := netflow.DecodeNFv9OptionsTemplateSet(payload)
		for _, t := range list {
			add(t.TemplateId, t)
		}
	case s.version == 10 && id == 3:
		list, err := netflow.DecodeIPFIXOptionsTemplateSet(payload)
		for _, t := range list {
			add(t.TemplateId, t)
		}
		// More scope fields than fields: it stops there, though the set goes on.
		g.lost = g.lost || err != nil && strings.Contains(err.Error(), "negative")
	default:
		return false
	}
	return true
}

// leastSize is the size of a template's shortest record.
func leastSize(list []netflow.Field) (n int) {
	for _, f := range list {
		if n++; f.Length != 0xffff {
			n += int(f.Length) - 1
		}
	}
	return n
}
