package decode_test

import (
	"errors"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

func TestRedefinition(t *testing.T) {
	l := newLab(decode.Config{})
	l.give(v9(1, oneCounter, dataOf1))
	before := l.Generation()
	l.give(v9(2, oneCounter))
	if l.Generation() != before {
		t.Error("the same definition again is a change")
	}
	l.give(v9(3, set(0, definition(256, 2, 4)), dataOf1))
	if l.Generation() == before {
		t.Error("another definition is no change")
	}
	if r := l.batch.Records[1]; r.Source.Packets != 1 || r.Source.Bytes != 0 {
		t.Error("decoded with the old definition")
	}
	if n := l.stream(t).Templates.Load(); n != 1 {
		t.Errorf("%d templates, want 1", n)
	}
}

func TestTemplatesAreOfADomainAndProtocol(t *testing.T) {
	l := newLab(decode.Config{})
	l.give(v9(1, oneCounter))
	other := v9(1, dataOf1)
	other[19] = 8 // source id
	l.give(other, ipfix(0, dataOf1))
	if n := len(l.batch.Records); n != 0 {
		t.Errorf("%d records decoded with a template of another stream", n)
	}
	checkIdentities(t, l.account)
}

func TestWithdrawal(t *testing.T) {
	two := set(2, definition(256, 1, 4), definition(257, 1, 4))
	options := set(3, uint16(258), uint16(1), uint16(1), fieldSpec(144, 4))
	cases := []struct {
		name string
		set  []byte
		left int64
	}{
		{"one", set(2, uint16(256), uint16(0)), 2},
		{"one that is not known", set(2, uint16(999), uint16(0)), 3},
		{"all templates", set(2, uint16(2), uint16(0)), 1},
		{"all options templates", set(3, uint16(3), uint16(0)), 2},
		{"an options template", set(3, uint16(258), uint16(0)), 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			if err := l.give(ipfix(0, two, options, c.set)); err != nil {
				t.Fatal(err)
			}
			if n := l.stream(t).Templates.Load(); n != c.left {
				t.Errorf("%d templates left, want %d", n, c.left)
			}
			checkIdentities(t, l.account)
		})
	}
}

// TestMalformed: every fault is counted once under its reason and costs only what it must.
func TestMalformed(t *testing.T) {
	short := func(b []byte, n int) []byte { return b[:len(b)-n] }
	zero := set(0, definition(256, 1, 0, 2, 0))
	pile := definition(256)
	for range uint16(5000) {
		pile = put(pile, uint16(1), uint16(4))
	}
	pile[2], pile[3] = 5000>>8, 5000&0xff
	cases := []struct {
		name     string
		datagram []byte
		reason   flow.Reason
		template uint16
		records  int
	}{
		{"set length 0", v9(1, oneCounter, dataOf1, put(uint16(0), uint16(0)), dataOf1), flow.MalformedSetLength, 0, 1},
		{"set length 3", v9(1, oneCounter, dataOf1, put(uint16(256), uint16(3))), flow.MalformedSetLength, 256, 1},
		{"set longer than the datagram", v9(1, oneCounter, dataOf1, put(uint16(256), uint16(100), uint32(1))), flow.MalformedSetLength, 256, 1},
		{"template cut short", v9(1, oneCounter, set(0, short(definition(257, 1, 4, 2, 4), 3)), dataOf1), flow.MalformedTemplate, 257, 1},
		{"template id of a set", v9(1, oneCounter, set(0, definition(255, 1, 4)), dataOf1), flow.MalformedTemplate, 255, 1},
		{"zeros instead of templates", v9(1, oneCounter, dataOf1, set(0, make([]byte, 400), uint8(1))), flow.MalformedTemplate, 0, 1},
		{"zeros instead of options templates", v9(1, oneCounter, dataOf1, set(1, make([]byte, 400), uint8(1))), flow.MalformedTemplate, 0, 1},
		{"zeros instead of withdrawals", ipfix(1, set(2, make([]byte, 400), uint8(1)), set(2, definition(256, 1, 4)), dataOf1), flow.MalformedTemplate, 0, 1},
		{"template of size 0", v9(1, oneCounter, dataOf1, zero, dataOf1), flow.MalformedTemplateZero, 256, 1},
		{"options template of size 0", v9(1, oneCounter, set(1, uint16(257), uint16(4), uint16(0), uint16(1), uint16(0)), dataOf1), flow.MalformedTemplateZero, 257, 1},
		{"options template with part of a field", v9(1, oneCounter, set(1, uint16(257), uint16(3), uint16(4), uint32(1)), dataOf1), flow.MalformedTemplate, 257, 1},
		{"more scope than fields", ipfix(0, set(3, uint16(257), uint16(1), uint16(2), fieldSpec(144, 4))), flow.MalformedTemplate, 257, 0},
		{"more fields than the cap", v9(1, set(0, pile)), flow.MalformedTemplateCap, 256, 0},
		{"record larger than any set", v9(1, oneCounter, set(0, definition(257, 1, 65000, 2, 1000)), dataOf1), flow.MalformedTemplate, 257, 1},
		{"set smaller than a record", v9(1, set(0, definition(256, 1, 8)), set(256, uint32(1))), flow.MalformedRecord, 256, 0},
		{"variable field beyond its set", ipfix(0, set(2, definition(256, 1, 4, 96, 65535)), set(256, uint32(1), uint8(1), "a", uint32(2), uint8(9), "b")), flow.MalformedField, 256, 1},
		{"long form cut short", ipfix(0, set(2, definition(256, 1, 4, 96, 65535)), set(256, uint32(1), uint8(255), uint8(0))), flow.MalformedField, 256, 0},
		{"v5 count beyond the datagram", append(put(uint16(5), uint16(30)), v5(0, 0, records(fields(0, 48), 2))[4:]...), flow.MalformedRecord, 0, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			err := l.give(c.datagram)
			var e *decode.Error
			if !errors.As(err, &e) || e.Reason != c.reason || e.Template != c.template {
				t.Errorf("error %v, want %v of template %d", err, c.reason, c.template)
			}
			s := l.stream(t)
			if s.Errors[c.reason].Load() != 1 || s.Errors.Sum() != 1 {
				t.Errorf("errors %v", s.Errors.Map())
			}
			if len(l.batch.Records) != c.records {
				t.Errorf("%d records, want %d", len(l.batch.Records), c.records)
			}
			checkIdentities(t, l.account)
		})
	}
}

func TestRefused(t *testing.T) {
	cases := []struct {
		name    string
		payload []byte
		reason  flow.Reason
	}{
		{"nothing", nil, flow.RefusedShort},
		{"one byte", []byte{9}, flow.RefusedShort},
		{"version 8", put(uint16(8), make([]byte, 40)), flow.RefusedVersion},
		{"sFlow 4", put(uint32(4), make([]byte, 40)), flow.RefusedVersion},
		{"v9 header cut short", v9(1)[:19], flow.RefusedShort},
		{"v5 header cut short", v5(1, 0)[:23], flow.RefusedShort},
		{"IPFIX header cut short", ipfix(1)[:15], flow.RefusedShort},
		{"IPFIX length below its header", put(uint16(10), uint16(15), make([]byte, 12)), flow.RefusedLength},
		{"sFlow header cut short", put(uint32(5), uint32(1), uint32(1)), flow.RefusedShort},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			err := l.give(c.payload)
			var e *decode.Error
			if !errors.As(err, &e) || e.Reason != c.reason {
				t.Errorf("error %v, want %v", err, c.reason)
			}
			s := l.stream(t)
			if s.Refused[c.reason].Load() != 1 || s.Datagrams.Load() != 1 || len(l.batch.Datagrams) != 0 {
				t.Errorf("refused %v", s.Refused.Map())
			}
		})
	}
}

func TestLengths(t *testing.T) {
	longer := append(ipfix(0, set(2, definition(256, 1, 4)), dataOf1), dataOf1...)
	cut := ipfix(0, set(2, definition(256, 1, 4)), dataOf1, dataOf1)
	for name, d := range map[string][]byte{
		"IPFIX datagram longer than its message": longer, "IPFIX datagram cut short behind a set": cut[:len(cut)-8],
		"v5 datagram longer than its records": append(v5(0, 0, records(fields(0, 48), 1)), make([]byte, 60)...),
	} {
		l := newLab(decode.Config{})
		if err := l.give(d); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s := l.stream(t); len(l.batch.Records) != 1 || s.Repaired[flow.RepairedLength].Load() != 1 {
			t.Errorf("%s: %d records, repaired %v", name, len(l.batch.Records), s.Repaired.Map())
		}
	}
}

func TestCaps(t *testing.T) {
	t.Run("templates of a stream", func(t *testing.T) {
		l := newLab(decode.Config{MaxTemplates: 2})
		l.give(v9(1, set(0, definition(256, 1, 4), definition(257, 1, 4), definition(258, 1, 4), definition(256, 2, 4))))
		if s := l.stream(t); s.Templates.Load() != 2 || s.Errors[flow.MalformedTemplateCap].Load() != 1 {
			t.Errorf("%d templates, errors %v", s.Templates.Load(), s.Errors.Map())
		}
	})
	t.Run("memory of templates", func(t *testing.T) {
		l := newLab(decode.Config{MaxTemplateBytes: 1000})
		l.give(v9(1, set(0, definition(256, 1, 4), definition(257, 1, 4), definition(258, 1, 4))))
		if n := l.stream(t).Templates.Load(); n != 2 {
			t.Errorf("%d templates, want 2", n)
		}
		l.give(v9(2, set(0, definition(257, 2, 0)))) // gives its memory back
		if l.give(v9(3, set(0, definition(258, 1, 4)))); l.stream(t).Templates.Load() != 2 {
			t.Error("memory of templates that are gone is not given back")
		}
	})
	t.Run("records of a set", func(t *testing.T) {
		l := newLab(decode.Config{MaxRecordsPerSet: 3})
		l.give(v9(1, oneCounter, set(256, make([]byte, 40)), dataOf1))
		if s := l.stream(t); len(l.batch.Records) != 4 || s.Errors[flow.MalformedRecordCap].Load() != 1 {
			t.Errorf("%d records, errors %v", len(l.batch.Records), s.Errors.Map())
		}
	})
	t.Run("names", func(t *testing.T) {
		l := newLab(decode.Config{MaxNames: 4})
		opts := v9(1, set(1, uint16(257), uint16(4), uint16(4), uint16(2), uint16(4), fieldSpec(82, 4)), set(257, uint32(1), "if-1", uint32(2), "if-2", uint32(3), "if-3"))
		l.give(opts, v9(2, set(0, definition(256, 10, 4)), set(256, uint32(1), uint32(3))))
		if a, b := l.batch.Records[0].InIfName, l.batch.Records[1].InIfName; a == 0 || b != 0 {
			t.Errorf("names %q and %q: only the first fit", l.symbols.Text(a), l.symbols.Text(b))
		}
	})
}
