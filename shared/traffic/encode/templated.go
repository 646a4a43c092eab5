package encode

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Template ids of an Exporter. The first 256 ids name sets that are not data
// (RFC 7011 section 3.4.3).
const (
	templateV4 = 256 + iota
	templateV6
	templateSampler
	templateInterface
)

// setHeader is the length of a set's id and length.
const setHeader = 4

// dialect is what tells NetFlow v9 and IPFIX apart.
type dialect interface {
	// header appends a message header whose counts are filled in by finish.
	header(dst []byte, e *Exporter, now time.Time) []byte
	// options appends options templates and options data and says how many
	// records those are.
	options(dst []byte, e *Exporter) (out []byte, records recordCount)
	// finish completes the header of a message and advances the sequence number.
	finish(msg []byte, e *Exporter, n recordCount)
}

// recordCount tells template records from data records: v9 counts both in its
// header, IPFIX counts data records in its sequence number.
type recordCount struct{ templates, data int }

// traits are a dialect's numbers.
type traits struct {
	templateSet uint16 // set id of templates
	align       int    // sets are padded to a multiple of this
	sampler     Field  // the field by which a record names its sampler
}

// templated writes the protocols with templates.
type templated struct {
	e         *Exporter
	dialect   dialect
	traits    traits
	v4, v6    Layout
	sent      bool      // templates were sent at least once
	sentAt    time.Time // when they were sent last
	datagrams int       // datagrams since then, that one too
}

func newTemplated(e *Exporter, d interface {
	dialect
	traits() traits
}) *templated {
	t := &templated{e: e, dialect: d, traits: d.traits(), v4: e.cfg.V4, v6: e.cfg.V6}
	if e.cfg.Sampling > 1 {
		t.v4 = append(append(Layout{}, t.v4...), t.traits.sampler)
		t.v6 = append(append(Layout{}, t.v6...), t.traits.sampler)
	}
	return t
}

func (t *templated) due(now time.Time) bool {
	return !t.sent || now.Sub(t.sentAt) >= t.e.cfg.TemplateRefresh ||
		t.e.cfg.TemplateEvery > 0 && t.datagrams >= t.e.cfg.TemplateEvery
}

func (t *templated) next(dst []byte, now time.Time, flows []Flow) ([]byte, int, error) {
	due := t.due(now)
	if !due && len(flows) == 0 {
		return dst, 0, nil
	}
	start := len(dst)
	dst = t.dialect.header(dst, t.e, now)
	var n recordCount
	if due {
		dst, n = t.appendTemplates(dst)
	}
	used := t.fit(t.e.cfg.MaxPayload-(len(dst)-start), flows)
	dst, err := t.appendSets(dst, flows[:used])
	if err != nil {
		return dst, 0, err
	}
	n.data += used
	t.dialect.finish(dst[start:], t.e, n)
	if t.datagrams++; due {
		t.sent, t.sentAt, t.datagrams = true, now, 1
	}
	return dst, used, nil
}

func (t *templated) appendTemplates(dst []byte) ([]byte, recordCount) {
	set := len(dst)
	dst = openSet(dst, t.traits.templateSet)
	dst = appendTemplate(dst, templateV4, t.v4)
	dst = appendTemplate(dst, templateV6, t.v6)
	closeSet(dst, set)
	dst, n := t.dialect.options(dst, t.e)
	n.templates += 2
	return dst, n
}

// fit says how many leading flows the room is enough for, one set per family.
func (t *templated) fit(room int, flows []Flow) int {
	var open [2]bool
	for i := range flows {
		family, need := 0, t.v4.Size()
		if flows[i].Src.Is6() {
			family, need = 1, t.v6.Size()
		}
		if !open[family] {
			open[family] = true
			need += setHeader + t.traits.align - 1
		}
		if room -= need; room < 0 {
			return i
		}
	}
	return len(flows)
}

func (t *templated) appendSets(dst []byte, flows []Flow) ([]byte, error) {
	dst, err := t.appendSet(dst, templateV4, flows)
	if err != nil {
		return dst, err
	}
	return t.appendSet(dst, templateV6, flows)
}

// appendSet appends the data set of one family, or nothing where no flow is of
// that family.
func (t *templated) appendSet(dst []byte, id uint16, flows []Flow) ([]byte, error) {
	layout, v6 := t.v4, id == templateV6
	if v6 {
		layout = t.v6
	}
	set := len(dst)
	for i := range flows {
		if flows[i].Src.Is6() != v6 {
			continue
		}
		if len(dst) == set {
			dst = openSet(dst, id)
		}
		var err error
		if dst, err = t.e.appendRecord(dst, layout, &flows[i]); err != nil {
			return dst, fmt.Errorf("flow %d: %w", i, err)
		}
	}
	if len(dst) > set {
		dst = pad(dst, set, t.traits.align)
		closeSet(dst, set)
	}
	return dst, nil
}

func appendTemplate(dst []byte, id uint16, l Layout) []byte {
	dst = binary.BigEndian.AppendUint16(dst, id)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(l)))
	return appendFields(dst, l...)
}

func appendFields(dst []byte, fields ...Field) []byte {
	for _, f := range fields {
		dst = binary.BigEndian.AppendUint16(dst, f.ID)
		dst = binary.BigEndian.AppendUint16(dst, f.Len)
	}
	return dst
}

func openSet(dst []byte, id uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(dst, id), 0)
}

// closeSet writes the length of the set that begins at offset set.
func closeSet(dst []byte, set int) {
	binary.BigEndian.PutUint16(dst[set+2:], uint16(len(dst)-set))
}

func pad(dst []byte, set, align int) []byte {
	for (len(dst)-set)%align != 0 {
		dst = append(dst, 0)
	}
	return dst
}
