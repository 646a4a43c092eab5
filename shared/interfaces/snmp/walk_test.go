package snmp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"
)

// answers is an agent that answers with what it is told to.
type answers struct {
	list  [][]gosnmp.SnmpPDU
	err   error
	asked int
}

func (a *answers) GetBulk([]string, uint8, uint32) (*gosnmp.SnmpPacket, error) {
	a.asked++
	if a.err != nil {
		return nil, a.err
	}
	return &gosnmp.SnmpPacket{Variables: a.list[(a.asked-1)%len(a.list)]}, nil
}

// tree is an agent with a table; it answers as RFC 3416 says, cut short after some variables.
type tree struct {
	objects []gosnmp.SnmpPDU // sorted
	cut     int
}

func (a *tree) GetBulk(oids []string, _ uint8, repetitions uint32) (*gosnmp.SnmpPacket, error) {
	var out []gosnmp.SnmpPDU
	last := slices.Clone(oids)
	for range repetitions {
		for i := range last {
			at := slices.IndexFunc(a.objects, func(o gosnmp.SnmpPDU) bool { return after(o.Name, last[i]) })
			if at < 0 {
				out = append(out, gosnmp.SnmpPDU{Name: last[i], Type: gosnmp.EndOfMibView})
				continue
			}
			last[i] = a.objects[at].Name
			out = append(out, a.objects[at])
		}
	}
	if a.cut > 0 {
		out = out[:min(a.cut, len(out))]
	}
	return &gosnmp.SnmpPacket{Variables: out}, nil
}

// after compares names of the form .1.COLUMN.INDEX.
func after(a, b string) bool {
	var x, y [3]int
	_, _ = fmt.Sscanf(a, ".%d.%d.%d", &x[0], &x[1], &x[2])
	_, _ = fmt.Sscanf(b, ".%d.%d.%d", &y[0], &y[1], &y[2])
	return slices.Compare(x[:], y[:]) > 0
}

// TestWalk reads a table whose columns are not all of the same length, whatever part of it an answer holds.
func TestWalk(t *testing.T) {
	a := &tree{}
	want := map[string]bool{}
	for column, indices := range [][]int{{1, 2, 3, 7, 10, 100000}, {}, {2, 3, 100000}, {1}} {
		for _, index := range indices {
			a.objects = append(a.objects, gosnmp.SnmpPDU{Name: fmt.Sprintf(".1.%d.%d", column+1, index), Type: gosnmp.Counter32, Value: uint(index)})
			want[fmt.Sprintf("%d/%d", column, index)] = true
		}
	}
	for _, cut := range []int{0, 1, 3, 4, 5, 7, 11} {
		for _, repetitions := range []int{1, 2, 10} {
			got := map[string]bool{}
			w := walk{session: a, repetitions: repetitions, limit: 100, take: func(column int, index uint32, v gosnmp.SnmpPDU) {
				if n, ok := number(&v); !ok || n != uint64(index) {
					t.Errorf("%v of %d", v.Value, index)
				}
				got[fmt.Sprintf("%d/%d", column, index)] = true
			}}
			a.cut = cut
			if err := w.columns([]string{".1.1", ".1.2", ".1.3", ".1.4"}); err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) {
				t.Errorf("cut %d, repetitions %d: %d values of %d", cut, repetitions, len(got), len(want))
			}
		}
	}
}

// TestWalkEnds: an agent that goes on and on, back, or in a circle does not hold up the poller.
func TestWalkEnds(t *testing.T) {
	pdu := func(name string) gosnmp.SnmpPDU {
		return gosnmp.SnmpPDU{Name: name, Type: gosnmp.Counter32, Value: uint(1)}
	}
	refused := errors.New("refused")
	for name, a := range map[string]*answers{
		"the same again":  {list: [][]gosnmp.SnmpPDU{{pdu(".1.1.5")}}},
		"back":            {list: [][]gosnmp.SnmpPDU{{pdu(".1.1.5")}, {pdu(".1.1.4")}}},
		"elsewhere":       {list: [][]gosnmp.SnmpPDU{{pdu(".1.2.5")}}},
		"longer instance": {list: [][]gosnmp.SnmpPDU{{pdu(".1.1.5.6")}}},
		"empty":           {list: [][]gosnmp.SnmpPDU{{}}},
		"failure":         {err: refused},
	} {
		w := walk{session: a, repetitions: 10, limit: 100, take: func(int, uint32, gosnmp.SnmpPDU) {}}
		err := w.columns([]string{".1.1"})
		if a.asked > 3 || name == "empty" && !errors.Is(err, errAnswer) || name == "failure" && !errors.Is(err, refused) {
			t.Errorf("%s: asked %d times, %v", name, a.asked, err)
		}
	}
	endless := &endless{}
	w := walk{session: endless, repetitions: 10, limit: 100, take: func(int, uint32, gosnmp.SnmpPDU) {}}
	if err := w.columns([]string{".1.1"}); err != nil || endless.asked > 100 {
		t.Errorf("asked %d times, %v", endless.asked, err)
	}
}

// endless is an agent whose table does not end.
type endless struct{ asked int }

func (a *endless) GetBulk([]string, uint8, uint32) (*gosnmp.SnmpPacket, error) {
	a.asked++
	return &gosnmp.SnmpPacket{Variables: []gosnmp.SnmpPDU{{Name: fmt.Sprintf(".1.1.%d", a.asked), Type: gosnmp.Counter32, Value: uint(1)}}}, nil
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"eth0": "eth0", " eth0\x00\x00": "eth0", "a\nb": "ab", "B\xfcro": "B\uFFFDro", strings.Repeat("x", 1000): strings.Repeat("x", 256), "": "",
	} {
		if got := text(&gosnmp.SnmpPDU{Value: []byte(in)}); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// FuzzWalk: whatever an agent's variables are, reading ends, and every value is of the table.
func FuzzWalk(f *testing.F) {
	f.Add(".1.1.1\n.1.2.1\n.1.1.2\n.1.2.2\n.1.2.1")
	f.Add(".1.1.4294967295\n.1.1.4294967296\n.1.1.-1\n.1.1.\n\n.1.1.007")
	f.Fuzz(func(t *testing.T, names string) {
		var list []gosnmp.SnmpPDU
		for name := range strings.SplitSeq(names, "\n") {
			list = append(list, gosnmp.SnmpPDU{Name: name, Type: gosnmp.OctetString, Value: []byte(name)})
		}
		a := &answers{list: [][]gosnmp.SnmpPDU{list, list[len(list)/2:]}}
		if len(a.list[1]) == 0 {
			a.list = a.list[:1]
		}
		w := walk{session: a, repetitions: 5, limit: 50, take: func(column int, _ uint32, v gosnmp.SnmpPDU) {
			if !strings.HasPrefix(v.Name, fmt.Sprintf(".1.%d.", column+1)) {
				t.Errorf("%q in column %d", v.Name, column)
			}
			text(&v)
			number(&v)
		}}
		_ = w.columns([]string{".1.1", ".1.2"})
		if a.asked > 120 {
			t.Errorf("asked %d times", a.asked)
		}
	})
}
