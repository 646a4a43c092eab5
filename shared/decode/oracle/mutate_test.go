package oracle

import (
	"encoding/binary"
	"slices"
)

// headerSize is what is not touched of v9 and IPFIX: both decoders take the domain from it, and Weir its clock.
func headerSize(payload []byte) int {
	if len(payload) >= 20 && binary.BigEndian.Uint16(payload) == 9 {
		return 20
	}
	return 16
}

// mutate returns a copy of the datagrams with some damage.
func (m maker) mutate(list []datagram) []datagram {
	out := make([]datagram, 0, len(list))
	for _, d := range list {
		if m.IntN(12) == 0 {
			continue // lost on the way
		}
		d.payload = slices.Clone(d.payload)
		if m.IntN(3) > 0 && len(d.payload) > headerSize(d.payload)+4 {
			d.payload = m.damage(d.payload)
		}
		out = append(out, d)
	}
	return out
}

func (m maker) damage(payload []byte) []byte {
	head := headerSize(payload)
	for range 1 + m.IntN(4) {
		body := payload[head:]
		if len(body) < 6 {
			return payload
		}
		switch at := m.IntN(len(body) - 1); m.IntN(8) {
		case 0, 1, 2:
			body[at] ^= 1 << m.IntN(8)
		case 3:
			body[at] = byte(m.Uint32())
		case 4: // a length, an id
			at &^= 1
			interesting := []uint16{0, 1, 2, 3, 4, 5, 8, 16, 255, 256, 257, 300, 0x7fff, 0x8001, 0xffff}
			binary.BigEndian.PutUint16(body[at:], interesting[m.IntN(len(interesting))])
		case 5:
			payload = payload[:head+at]
		case 6:
			payload = append(payload[:head:head], m.reorder(body)...)
		case 7:
			clear(body[at:min(len(body), at+1+m.IntN(12))])
		}
	}
	if len(payload) > 4 && binary.BigEndian.Uint16(payload) == 10 && m.IntN(4) > 0 {
		binary.BigEndian.PutUint16(payload[2:], uint16(len(payload)))
	}
	return payload
}

// reorder doubles, drops or swaps sets.
func (m maker) reorder(body []byte) []byte {
	var sets [][]byte
	for len(body) >= 4 {
		n := int(binary.BigEndian.Uint16(body[2:]))
		if n < 4 || n > len(body) {
			break
		}
		sets = append(sets, body[:n])
		body = body[n:]
	}
	if len(sets) > 0 && len(sets) < 200 {
		i, j := m.IntN(len(sets)), m.IntN(len(sets))
		switch m.IntN(3) {
		case 0:
			sets[i], sets[j] = sets[j], sets[i]
		case 1:
			sets = slices.Insert(sets, i, sets[j])
		case 2:
			sets = slices.Delete(sets, i, i+1)
		}
	}
	return append(slices.Concat(sets...), body...)
}
