package decode

import (
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Decoder decodes datagrams of all protocols. It is safe for concurrent use; datagrams of one stream are decoded one after the
// other.
type Decoder struct {
	cfg    Config
	deps   Deps
	limits template.Limits
	// sources are the caps of sFlow's sessions, headers who takes the headers of its packets
	sources *sflow.Limits
	headers sflow.HeaderSink

	exporters atomic.Pointer[exporters]

	mu      sync.RWMutex
	streams map[flow.StreamKey]*stream // never more than the account takes

	talking  sync.Mutex // guards the sessions; taken last
	sessions map[uint64][]*stream
}

// New returns a decoder that knows no template yet. It starts nothing.
func New(cfg Config, deps Deps) *Decoder {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	d := &Decoder{cfg: cfg.withDefaults(), deps: deps, streams: map[flow.StreamKey]*stream{}, sessions: map[uint64][]*stream{}, sources: sflow.DefaultLimits()}
	c := &d.cfg
	d.limits.TTL, d.limits.MaxTemplates, d.limits.MaxFields = c.TemplateTTL, c.MaxTemplates, c.MaxFields
	d.limits.MaxTemplateBytes, d.limits.MaxNames = c.MaxTemplateBytes, c.MaxNames
	d.limits.WaitSets, d.limits.WaitBytes, d.limits.WaitBytesAll = c.WaitSets, c.WaitBytes, c.WaitBytesAll
	d.limits.WaitAge, d.limits.MaxRecords = c.WaitAge, c.MaxRecordsPerSet
	d.limits.MaxConnections = c.MaxConnections
	d.exporters.Store(newExporters(c.Exporters))
	return d
}

// KeepHeaders gives the headers of packets that sFlow samples to a sink, from the goroutines that decode. It must be called before the
// first datagram.
func (d *Decoder) KeepHeaders(sink sflow.HeaderSink) { d.headers = sink }

// Decode appends the records of one datagram to out, and a flow.Datagram entry also when it has no records. source is the
// sender, received the time of receipt in ns since the Unix epoch. payload is not kept. Sets that waited for a template of this
// datagram are decoded too, each under an entry of its own datagram. The error, if any, is an [*Error].
func (d *Decoder) Decode(payload []byte, source netip.AddrPort, received int64, out *flow.Batch) error {
	return d.DecodeSession(0, payload, source, received, out)
}

// dispatch tells the protocol by the header.
func (d *Decoder) dispatch(in *input) error {
	c := wire.NewCursor(in.payload)
	in.version = uint32(c.U16())
	switch in.version {
	case 1, 5, 7:
		return d.decode5(in)
	case 9:
		return d.decode9(in)
	case 10:
		return d.decodeIPFIX(in)
	case 0: // the version of sFlow has four bytes
		in.version = uint32(c.U16())
		if in.version == 5 && c.OK() {
			return d.decodeSFlow(in)
		}
	}
	if len(in.payload) < 4 {
		return d.refuse(in, flow.RefusedShort, "")
	}
	return d.refuse(in, flow.RefusedVersion, "")
}

// refuse counts a datagram that belongs to no stream.
func (d *Decoder) refuse(in *input, why flow.Reason, detail string) error {
	d.deps.Account.Refuse(in.exporter, len(in.payload), why)
	return &Error{Exporter: in.exporter, Version: in.version, Reason: why, Detail: detail}
}

// Expire lets go of templates and waiting sets that are too old at the time now (ns since the Unix epoch).
func (d *Decoder) Expire(now int64) {
	for _, s := range d.list() {
		if s.session == nil {
			continue
		}
		s.mu.Lock()
		s.session.Expire(now)
		for _, c := range s.transports {
			c.session.Expire(now)
		}
		s.mu.Unlock()
	}
}

// list returns all streams, in no order.
func (d *Decoder) list() []*stream {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := make([]*stream, 0, len(d.streams))
	for _, s := range d.streams {
		list = append(list, s)
	}
	return list
}

// Restore makes the marks of an earlier run the expected sequence numbers, so that what was in flight then shows as a gap.
// Sets that waited then count as expired(restart).
func (d *Decoder) Restore(marks []flow.StreamMark) {
	for _, m := range marks {
		s := d.stream(m.Key)
		if s == nil {
			continue
		}
		s.mu.Lock()
		if !s.sequence.started {
			s.sequence.restore(m)
			s.account.Sets.Add(uint64(m.Waiting))
			s.account.SetsExpired.Add(flow.ExpiredRestart, uint64(m.Waiting))
		}
		s.mu.Unlock()
	}
}
