package decode

import (
	"errors"
	"io"
	"net/netip"

	"github.com/weirflow/weir/shared/flow"
)

// Decoder decodes datagrams of all protocols. It is safe for concurrent use; datagrams of one stream are decoded one after the
// other.
type Decoder struct {
	cfg  Config
	deps Deps
}

// New returns a decoder that knows no template yet. It starts nothing.
func New(cfg Config, deps Deps) *Decoder {
	return &Decoder{cfg: cfg.withDefaults(), deps: deps}
}

// Decode appends the records of one datagram to out, and a flow.Datagram entry also when it has no records. source is the
// sender, received the time of receipt in ns since the Unix epoch. payload is not kept. Sets that waited for a template of this
// datagram are decoded too, each under an entry of its own datagram. The error, if any, is an [*Error].
func (d *Decoder) Decode(payload []byte, source netip.AddrPort, received int64, out *flow.Batch) error {
	return errors.ErrUnsupported
}

// Expire lets go of templates and waiting sets that are too old at the time now (ns since the Unix epoch).
func (d *Decoder) Expire(now int64) {}

// Generation grows whenever something that [Decoder.Save] writes has changed.
func (d *Decoder) Generation() uint64 { return 0 }

// Save writes the templates and what options told, as JSON that [Decoder.Load] reads.
func (d *Decoder) Save(w io.Writer) error { return nil }

// Load takes over what [Decoder.Save] wrote. Streams and templates that are known already win.
func (d *Decoder) Load(r io.Reader) error { return nil }

// Restore makes the marks of an earlier run the expected sequence numbers, so that what was in flight then shows as a gap.
// Sets that waited then count as expired(restart).
func (d *Decoder) Restore(marks []flow.StreamMark) {}
