package oracle

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
)

// shown reads a record of tshark's dissection: its elements, by the names of their fields, and the times as tshark shows them.
type shown struct {
	t       *testing.T
	values  []netflow.DataField
	private row // elements of enterprises: tshark names the enterprise in words, so by their number alone
	times   row
	engine  []byte // the first byte of the application id
}

// record is tshark's dissection of a v9 or IPFIX record as a row.
func (s *shown) record(group node, from set) row {
	for _, f := range group.Fields {
		s.field(f)
	}
	out := elementsRow(from, s.values)
	for name, v := range s.private {
		out[name] = v
	}
	for name, v := range s.times {
		out[name] = v // a flow's own times win over those of an observation
	}
	return out
}

var (
	reverseType = regexp.MustCompile(`\(Reverse Type (\d+) `)
	privateType = regexp.MustCompile(`Type (\d+):`)
	mplsLabel   = regexp.MustCompile(`^MPLS-Label(\d+):`)
)

// transportPort are elements that tshark gives the names of others, of which a record may have one, too.
var transportPort = map[uint16]uint16{7: 182, 11: 181}

func (s *shown) has(id uint16) bool {
	return slices.ContainsFunc(s.values, func(v netflow.DataField) bool { return v.Type == id && v.Pen == 0 })
}

// numberIn is the number that re finds in tshark's words, 0 where there is none.
func numberIn(re *regexp.Regexp, text string) uint16 {
	m := re.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseUint(m[1], 10, 16)
	return uint16(n)
}

func (s *shown) field(f node) {
	v := netflow.DataField{Type: tsharkElements[f.Name], Value: f.bytes()}
	reverse, private, label := numberIn(reverseType, f.ShowName), numberIn(privateType, f.ShowName), numberIn(mplsLabel, f.Show)
	switch {
	case f.Name == "cflow.unknown_field_type", f.Name == "cflow.enterprise_private_entry" && strings.Contains(f.ShowName, "((null))"): // an element that tshark does not know
		v.Type = private
	case f.Name == "cflow.enterprise_private_entry":
		s.private[privateName(private)] = f.Value
		return
	case s.time(f):
		return
	case transportPort[v.Type] != 0 && s.has(v.Type):
		v.Type = transportPort[v.Type]
	case label != 0:
		v.Type = 69 + label
	case strings.HasPrefix(f.Show, "Forwarding Status"):
		v.Type = 89
	case f.Name == "cflow.appl_id.classification_engine_id":
		s.engine = f.bytes()
		return
	case f.Name == "cflow.appl_id.selector_id":
		v.Type, v.Value = 95, slices.Concat(s.engine, f.bytes())
	case reverse != 0:
		v.Type, v.PenProvided, v.Pen = reverse, true, 29305
	case v.Type == 0 && tsharkMade[f.Name] == "":
		s.t.Errorf("tshark shows %s (%s), which the test does not know", f.Name, f.ShowName)
		return
	}
	if v.Type != 0 {
		s.values = append(s.values, v)
	}
}

func privateName(id uint16) string { return "e:private/" + number(id) }

// time takes the fields that tshark shows as times, and as it shows them.
func (s *shown) time(f node) bool {
	switch f.Name {
	case "cflow.timedelta":
		for _, below := range f.Fields {
			s.time(below)
		}
		if s.times[kLast] != "" && s.times[kFirst] == "" { // the duration shows that it is 0
			s.times[kFirst] = "0"
		}
	case "cflow.timestart":
		s.times[kFirst] = uptimeShown(s.t, f)
	case "cflow.timeend":
		s.times[kLast] = uptimeShown(s.t, f)
	case "cflow.abstimestart":
		s.absolute(kStart, f)
	case "cflow.abstimeend":
		s.absolute(kEnd, f)
	case "cflow.observation_time_milliseconds":
		s.values = append(s.values, netflow.DataField{Type: 323, Value: f.bytes()})
	default:
		return false
	}
	return true
}

func (s *shown) absolute(name string, f node) {
	if at := timeShown(s.t, f); at != 0 { // 1970 stands for none
		s.times[name] = number(at)
	}
}

// uptimeShown is a time on the exporter's uptime clock, in ms.
func uptimeShown(t *testing.T, f node) string {
	whole, fraction, _ := strings.Cut(f.Show, ".")
	n, err := strconv.ParseUint(whole+(fraction + "000")[:3], 10, 64)
	if err != nil {
		t.Errorf("%s: %v", f.Name, err)
	}
	return number(n)
}

// timeShown is an absolute time in ns since the Unix epoch.
func timeShown(t *testing.T, f node) int64 {
	at, err := time.Parse("Jan _2, 2006 15:04:05.999999999 MST", strings.Join(strings.Fields(f.Show), " "))
	if err != nil {
		t.Errorf("%s: %v", f.Name, err)
	}
	return at.UnixNano()
}

// legacyRecord is tshark's dissection of a record of NetFlow v1, v5 or v7, which have fields instead of elements: masks count
// where there are any.
func (s *shown) legacyRecord(group node, sampling uint16) row {
	out := s.record(group, set{})
	src, dst := elementName(0, 9), elementName(0, 13)
	if out[src]+out[dst] == "0000" {
		delete(out, src)
		delete(out, dst)
	}
	if out[kProtocol] != "1" {
		delete(out, kICMPType)
		delete(out, kICMPCode)
	}
	if n := sampling & 0x3fff; n != 0 {
		out[kSampling] = number(n)
	}
	return out
}

// withoutEnterprise renames our elements of enterprises as tshark's are.
func withoutEnterprise(rows []keyed) []keyed {
	for _, k := range rows {
		for name, v := range k.row {
			pen, id, ok := strings.Cut(strings.TrimPrefix(name, "e:"), "/")
			if ok && pen != "0" && pen != "29305" {
				n, _ := strconv.ParseUint(id, 10, 16)
				delete(k.row, name)
				k.row[privateName(uint16(n))] = v
			}
		}
	}
	return rows
}

// valueOf is the value of a field of tshark's that holds one number.
func valueOf(n node) uint64 {
	b, _ := hex.DecodeString(n.Value)
	return uintOf(b)
}
