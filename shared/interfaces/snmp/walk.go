package snmp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// bulk asks for the rows after some objects: GETBULK.
type bulk interface {
	GetBulk(oids []string, nonRepeaters uint8, maxRepetitions uint32) (*gosnmp.SnmpPacket, error)
}

// errAnswer marks answers that make no sense.
var errAnswer = errors.New("answer")

// walk reads columns of a table side by side, some rows a request, and calls take with every value. Instances must grow, so that it ends
// whatever the agent answers; it ends early after limit values a column.
type walk struct {
	session     bulk
	repetitions int
	limit       int
	take        func(column int, index uint32, v gosnmp.SnmpPDU)
}

// cursor is how far a column has been read.
type cursor struct {
	column int
	prefix string // with a dot at its end
	last   uint32
	next   string
	begun  bool
}

func (w *walk) columns(oids []string) error {
	open := make([]*cursor, len(oids))
	for i, oid := range oids {
		open[i] = &cursor{column: i, prefix: oid + ".", next: oid}
	}
	for taken := 0; len(open) > 0 && taken < w.limit*len(oids); {
		asked := make([]string, len(open))
		for i, c := range open {
			asked[i] = c.next
		}
		got, err := w.session.GetBulk(asked, 0, uint32(w.repetitions))
		if err != nil {
			return err
		}
		if got.Error != gosnmp.NoError {
			return fmt.Errorf("%w: the agent says %s", errAnswer, got.Error)
		}
		if len(got.Variables) == 0 {
			return fmt.Errorf("%w: empty", errAnswer)
		}
		taken += len(got.Variables)
		open = w.read(open, got.Variables)
	}
	return nil
}

// read takes the variables of an answer, which come row by row, and returns the columns that have more. There is at least one variable, so
// that a column moves on or ends.
func (w *walk) read(open []*cursor, variables []gosnmp.SnmpPDU) []*cursor {
	ended := make([]bool, len(open))
	for i, v := range variables {
		at := i % len(open)
		c := open[at]
		if ended[at] {
			continue
		}
		index, ok := c.instance(&v)
		if !ok {
			ended[at] = true
			continue
		}
		c.last, c.next, c.begun = index, v.Name, true
		w.take(c.column, index, v)
	}
	more := open[:0:0]
	for at, c := range open {
		if !ended[at] { // also where the answer was cut short before it
			more = append(more, c)
		}
	}
	return more
}

// instance returns the ifIndex of a variable; not ok where the column has ended.
func (c *cursor) instance(v *gosnmp.SnmpPDU) (uint32, bool) {
	rest, ok := strings.CutPrefix(v.Name, c.prefix)
	if !ok || v.Type == gosnmp.EndOfMibView || v.Type == gosnmp.NoSuchObject || v.Type == gosnmp.NoSuchInstance {
		return 0, false
	}
	n, err := strconv.ParseUint(rest, 10, 32)
	if err != nil || c.begun && uint32(n) <= c.last {
		return 0, false
	}
	return uint32(n), true
}

// number reads a counter, gauge or integer.
func number(v *gosnmp.SnmpPDU) (uint64, bool) {
	switch n := v.Value.(type) {
	case uint:
		return uint64(n), true
	case uint32:
		return uint64(n), true
	case uint64:
		return n, true
	case int:
		return uint64(max(n, 0)), true
	}
	return 0, false
}

// maxText is how many bytes of a name are kept.
const maxText = 256

// text reads a name; control characters are left out.
func text(v *gosnmp.SnmpPDU) string {
	b, ok := v.Value.([]byte)
	if !ok {
		return ""
	}
	b = b[:min(len(b), maxText)]
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "\uFFFD"))
	return strings.TrimSpace(clean)
}
