package document

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

// Config says what all documents have in common.
type Config struct {
	Tenant string // organization.id; "": absent
}

// Encoder writes documents. It is immutable, and safe for concurrent use.
type Encoder struct {
	reg  *flow.Registry
	tail [len(kindTexts)][]byte // what all documents of a kind have, as `,"name":value`
}

// NewEncoder returns an encoder.
func NewEncoder(cfg Config) *Encoder {
	e := &Encoder{reg: flow.NewRegistry()}
	for _, kind := range Kinds() {
		for _, f := range Fields(kind) {
			switch {
			case f.Name == "organization.id":
				e.tail[kind] = member.Text(e.tail[kind], `,"organization.id":`, cfg.Tenant)
			case f.Always != "" && f.List:
				e.tail[kind] = member.Texts(e.tail[kind], `,"`+f.Name+`":`, []string{f.Always})
			case f.Always != "":
				e.tail[kind] = member.Text(e.tail[kind], `,"`+f.Name+`":`, f.Always)
			}
		}
	}
	return e
}

// finish appends what all documents of the kind have, and the end.
func (e *Encoder) finish(dst []byte, kind Kind) []byte {
	return append(append(dst, e.tail[kind]...), '}')
}
