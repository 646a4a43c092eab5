package flowinput

import (
	"math"

	"github.com/weirflow/weir/shared/flow"
)

// kind is the type of a field's value.
type kind uint8

const (
	kindInt   kind = iota // 64 bits, as most stores have them
	kindUint              // as the built-in input has them
	kindFloat             // finite
	kindText
	kindBool
	kindAddr // text of an address, made when it is written
)

// field is a field of a point.
type field struct {
	key  string
	kind kind
	num  uint64 // the value, or the bits of it
	text string
	addr flow.Addr
}

// tag is a tag of a point.
type tag struct{ key, value string }

// point is a metric on its way out. One is reused for many: whoever takes it copies what is to be kept.
type point struct {
	name   string
	time   int64 // ns since the Unix epoch
	tags   []tag // in the order of their keys, none empty
	fields []field
}

// begin makes an empty point of a measurement.
func (p *point) begin(name string, at int64) {
	p.name, p.time, p.tags, p.fields = name, at, p.tags[:0], p.fields[:0]
}

// tag adds a tag, unless its value is unknown. Tags are added in the order of their keys.
func (p *point) tag(key, value string) {
	if value != "" {
		p.tags = append(p.tags, tag{key, value})
	}
}

func (p *point) count(key string, n uint64) {
	p.fields = append(p.fields, field{key: key, kind: kindInt, num: min(n, math.MaxInt64)})
}

func (p *point) integer(key string, n int64) {
	p.fields = append(p.fields, field{key: key, kind: kindInt, num: uint64(n)})
}

func (p *point) unsigned(key string, n uint64) {
	p.fields = append(p.fields, field{key: key, kind: kindUint, num: n})
}

// float adds a number; those that stores cannot take are left out.
func (p *point) float(key string, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		p.fields = append(p.fields, field{key: key, kind: kindFloat, num: math.Float64bits(v)})
	}
}

// text adds a text, unless it is empty.
func (p *point) text(key, value string) {
	if value != "" {
		p.fields = append(p.fields, field{key: key, kind: kindText, text: value})
	}
}

func (p *point) boolean(key string, v bool) {
	n := uint64(0)
	if v {
		n = 1
	}
	p.fields = append(p.fields, field{key: key, kind: kindBool, num: n})
}

func (p *point) addr(key string, a flow.Addr) {
	p.fields = append(p.fields, field{key: key, kind: kindAddr, addr: a})
}
