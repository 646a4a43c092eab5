package decode

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
)

// stream is the state of one exporter, observation domain and protocol.
type stream struct {
	mu      sync.Mutex
	key     flow.StreamKey
	seed    uint64 // of datagram ids: stands for address and domain, for neither port nor told address, which may be known later
	account *flow.Stream
	repeats repeats
	sflow   *sflow.Session // sFlow, else nil

	conversation                          // of datagrams
	apart        atomic.Pointer[ports]    // source ports with a stream of their own
	transports   map[uint64]*conversation // by number of the transport session; nil where there was none
}

// stream returns the state of key, making it where there is none; nil when the account takes no more streams.
func (d *Decoder) stream(key flow.StreamKey) *stream {
	d.mu.RLock()
	s := d.streams[key]
	d.mu.RUnlock()
	if s != nil {
		return s
	}
	account := d.deps.Account.Stream(key)
	if account == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s = d.streams[key]; s == nil {
		s = &stream{key: key, seed: seedOf(key), account: account}
		switch key.Protocol {
		case flow.NetFlow9, flow.IPFIX:
			s.session = template.NewSession(&d.limits, account, d.deps.Symbols)
			s.session.Firewall = d.exporters.Load().of(key.Exporter).Firewall
		case flow.SFlow5:
			s.sflow = sflow.NewSession(d.sources, account, d.deps.Symbols)
			s.sflow.Headers = d.headers
		}
		d.streams[key] = s
	}
	return s
}

// seedOf hashes exporter and domain.
func seedOf(key flow.StreamKey) uint64 {
	var b [20]byte
	copy(b[:], key.Exporter[:])
	binary.BigEndian.PutUint32(b[16:], key.Domain)
	return xxh3.Hash(b[:])
}

// identify returns the identity of a datagram of the stream: it depends on exporter, domain and every byte.
func (s *stream) identify(payload []byte) flow.DatagramID {
	h := xxh3.Hash128Seed(payload, s.seed)
	return flow.DatagramID{Hi: h.Hi, Lo: h.Lo}
}

// mark says how far the stream has been taken in a conversation. The caller holds the lock, so that the counts belong together.
func (s *stream) mark(c *conversation) flow.StreamMark {
	return flow.StreamMark{
		Key: s.key, Next: c.sequence.next, Known: c.sequence.known, Order: c.sequence.order, Counts: s.account.Counts(),
		Waiting: uint32(s.account.Waiting.Load()),
	}
}
