package encode

import (
	"encoding/binary"
	"fmt"
	"time"
)

const (
	headerV5     = 24
	recordV5     = 48
	maxV5Records = 30
	// v5SamplingMode marks the interval as packet-interval sampling in the top
	// two bits of the header's last field.
	v5SamplingMode = 1 << 14
)

// netflow5 writes NetFlow v5: a fixed header and up to 30 fixed records.
type netflow5 struct{ e *Exporter }

func (n *netflow5) next(dst []byte, now time.Time, flows []Flow) ([]byte, int, error) {
	used := min(len(flows), (n.e.cfg.MaxPayload-headerV5)/recordV5)
	if used == 0 {
		return dst, 0, nil
	}
	dst = n.header(dst, now, used)
	for i := range flows[:used] {
		var err error
		if dst, err = n.record(dst, &flows[i]); err != nil {
			return dst, 0, fmt.Errorf("flow %d: %w", i, err)
		}
	}
	n.e.seq += uint32(used) // flow_sequence counts flows
	return dst, used, nil
}

func (n *netflow5) header(dst []byte, now time.Time, count int) []byte {
	b := binary.BigEndian
	dst = b.AppendUint16(dst, 5)
	dst = b.AppendUint16(dst, uint16(count))
	dst = b.AppendUint32(dst, n.e.uptime(now))
	ms := now.UnixMilli() // the residue is whole milliseconds, so that boot = now - uptime is exact
	dst = b.AppendUint32(dst, uint32(ms/1000))
	dst = b.AppendUint32(dst, uint32(ms%1000)*1e6)
	dst = b.AppendUint32(dst, n.e.seq)
	dst = b.AppendUint16(dst, uint16(n.e.cfg.Domain)) // engine type, engine id
	if n.e.cfg.Sampling <= 1 {
		return b.AppendUint16(dst, 0)
	}
	return b.AppendUint16(dst, v5SamplingMode|uint16(n.e.cfg.Sampling))
}

func (n *netflow5) record(dst []byte, f *Flow) ([]byte, error) {
	if f.Bytes>>32 != 0 || f.Packets>>32 != 0 || f.In>>16 != 0 || f.Out>>16 != 0 {
		return dst, fmt.Errorf("%d bytes, %d packets, interfaces %d and %d: %w", f.Bytes, f.Packets, f.In, f.Out, ErrRange)
	}
	b := binary.BigEndian
	dst = appendAddr(dst, f.Src, 4)
	dst = appendAddr(dst, f.Dst, 4)
	dst = appendAddr(dst, f.NextHop, 4)
	dst = b.AppendUint16(dst, uint16(f.In))
	dst = b.AppendUint16(dst, uint16(f.Out))
	dst = b.AppendUint32(dst, uint32(f.Packets))
	dst = b.AppendUint32(dst, uint32(f.Bytes))
	dst = b.AppendUint32(dst, n.e.uptime(f.Start))
	dst = b.AppendUint32(dst, n.e.uptime(f.End))
	dst = b.AppendUint16(dst, f.SrcPort)
	dst = b.AppendUint16(dst, n.e.dstPort(f))
	dst = append(dst, 0, f.TCPFlags, f.Protocol, f.TOS)
	dst = b.AppendUint16(dst, as16(f.SrcAS))
	dst = b.AppendUint16(dst, as16(f.DstAS))
	return append(dst, f.SrcMask, f.DstMask, 0, 0), nil
}

func as16(as uint32) uint16 {
	if as>>16 != 0 {
		return asTrans
	}
	return uint16(as)
}
