package oracle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
	"github.com/netsampler/goflow2/v2/decoders/netflowlegacy"
)

// goflow decodes NetFlow v5, v9 and IPFIX with goflow2, one set at a time, so that a set that goflow2 refuses costs no other.
// Sets whose template is missing wait for it, as they do in Weir.
type goflow struct {
	templates map[netip.Addr]*guardedTemplates // of each exporter
	waiting   []set
	rows      []placed
	refused   int // sets
	options   int // options data records
	// boots holds the system init time (IE 160, ms since the Unix epoch) that options of a stream told.
	boots     map[stream]uint64
	restarted bool // one of them moved

	shapes map[string]bool // of the templates of data records
	// doubtful, where it is set, names templates whose records are compared by their number only.
	doubtful func(shape string, fields []netflow.Field) bool
}

// inDoubt marks a row whose values are not compared.
const inDoubt = "in doubt"

// shapeOf names a template by its fields.
func shapeOf(fields []netflow.Field) string { return fmt.Sprint(fields) }

// boot notes a system init time; one that is another than before says that the exporter has restarted, of which goflow2 knows nothing.
func (g *goflow) boot(of stream, ms uint64) {
	if old, known := g.boots[of]; known && old != ms {
		g.restarted = true
	}
	g.boots[of] = ms
}

// lost tells whether goflow2 has read something wrong, or does not know something, that matters to all that follows.
func (g *goflow) lost() bool {
	if g.restarted {
		return true
	}
	for _, t := range g.templates {
		if t.lost {
			return true
		}
	}
	return false
}

// stream names an exporter's observation domain.
type stream struct {
	source netip.Addr
	domain uint32
}

// set is a set with all that its decoding needs.
type set struct {
	datagram, number int
	source           netip.Addr
	version          uint16
	domain           uint32
	exported         uint32 // s since the Unix epoch
	bytes            []byte
}

// placed is a row with its place in the datagram.
type placed struct {
	keyed
	set int
}

// guardedTemplates keeps from goflow2 what would make it loop or err: templates whose records have no size and the enterprise
// bit that its options template reader leaves in element ids. A template without fields withdraws (RFC 7011, 8.1).
type guardedTemplates struct {
	netflow.NetFlowTemplateSystem
	ended bool // a definition of the set at hand was such that the rest means nothing
	lost  bool // goflow2 has read something that it cannot know
}

func (g *guardedTemplates) AddTemplate(version uint16, domain uint32, id uint16, template any) error {
	list := fieldsOf(template)
	for i := range list {
		if list[i].PenProvided {
			list[i].Type &= 0x7fff
		}
	}
	switch t := template.(type) {
	case netflow.NFv9OptionsTemplateRecord:
		g.ended = g.ended || t.ScopeLength%4 != 0 || t.OptionLength%4 != 0
	case netflow.IPFIXOptionsTemplateRecord:
		copy(t.Scopes, list)
		copy(t.Options, list[len(t.Scopes):])
		g.lost = g.lost || t.FieldCount == 0 // a withdrawal is 4 bytes long, not 6
	}
	least := leastSize(list)
	switch {
	case version == 10 && len(list) == 0 && (id == 2 || id == 3):
		g.lost = true // all are withdrawn: there is no list of them
	case g.ended || id < 256: // what follows means nothing
		g.ended = true
	case len(list) == 0 || least == 0 || least >= 0xffff:
		_, _ = g.RemoveTemplate(version, domain, id)
	default:
		return g.NetFlowTemplateSystem.AddTemplate(version, domain, id, template)
	}
	return nil
}

func newGoflow() *goflow {
	return &goflow{templates: map[netip.Addr]*guardedTemplates{}, boots: map[stream]uint64{}, shapes: map[string]bool{}}
}

// feed decodes datagram number n; protocols that goflow2 does not know are passed over.
func (g *goflow) feed(n int, d datagram) {
	if len(d.payload) < 2 {
		return
	}
	switch version := binary.BigEndian.Uint16(d.payload); {
	case version == 5:
		g.legacy(n, d.payload)
	case version == 9 && len(d.payload) >= 20:
		g.sets(set{
			datagram: n, source: d.source.Addr(), version: 9,
			domain: binary.BigEndian.Uint32(d.payload[16:]), exported: binary.BigEndian.Uint32(d.payload[8:]),
		}, d.payload[20:])
	case version == 10 && len(d.payload) >= 16:
		length := min(len(d.payload), int(binary.BigEndian.Uint16(d.payload[2:])))
		if length < 16 {
			return
		}
		g.sets(set{
			datagram: n, source: d.source.Addr(), version: 10,
			domain: binary.BigEndian.Uint32(d.payload[12:]), exported: binary.BigEndian.Uint32(d.payload[4:]),
		}, d.payload[16:length])
	}
}

func (g *goflow) sets(head set, rest []byte) {
	for number := 0; len(rest) >= 4; number++ {
		length := int(binary.BigEndian.Uint16(rest[2:]))
		if length < 4 || length > len(rest) {
			g.refused++
			break
		}
		s := head
		s.number, s.bytes = number, slices.Clone(rest[:length])
		rest = rest[length:]
		if !g.set(s) {
			g.waiting = append(g.waiting, s)
		}
	}
}

// set decodes one set; false says that it has no template yet.
func (g *goflow) set(s set) bool {
	templates := g.templates[s.source]
	if templates == nil {
		templates = &guardedTemplates{NetFlowTemplateSystem: netflow.CreateTemplateSystem()}
		g.templates[s.source] = templates
	}
	if templates.define(s, func() { g.waiting = slices.DeleteFunc(g.waiting, g.set) }) {
		return true
	}
	decoded, err := templates.data(s)
	if errors.Is(err, netflow.ErrorTemplateNotFound) {
		return false
	}
	if err != nil {
		g.refused++
		return true
	}
	switch data := decoded.(type) {
	case netflow.DataFlowSet:
		template, _ := templates.GetTemplate(s.version, s.domain, binary.BigEndian.Uint16(s.bytes))
		key := shapeOf(fieldsOf(template))
		g.shapes[key] = true
		for _, r := range data.Records {
			p := placed{keyed{s.datagram, elementsRow(s, r.Values)}, s.number}
			if g.doubtful != nil && g.doubtful(key, fieldsOf(template)) {
				p.row[inDoubt] = "yes"
			}
			if boot, ok := g.boots[stream{s.source, s.domain}]; ok && s.version == 10 {
				fromBoot(p.row, boot)
			}
			g.rows = append(g.rows, p)
		}
	case netflow.OptionsDataFlowSet:
		g.options += len(data.Records)
		for _, r := range data.Records {
			for _, v := range slices.Concat(r.ScopesValues, r.OptionsValues) {
				if b := bytesOf(v); v.Pen == 0 && v.Type == 160 && len(b) == 8 {
					g.boot(stream{s.source, s.domain}, uintOf(b))
				}
			}
		}
	}
	return true
}

// data gives a data set to goflow2, without what it would stumble over.
func (g *guardedTemplates) data(s set) (any, error) {
	data := s.bytes
	if template, err := g.GetTemplate(s.version, s.domain, binary.BigEndian.Uint16(data)); err == nil {
		data = wholeRecords(data, fieldsOf(template))
	}
	return netflow.DecodeMessageCommonFlowSet(bytes.NewBuffer(data), g, s.domain, s.version)
}

// result returns the rows in the order of the input.
func (g *goflow) result() []keyed {
	slices.SortStableFunc(g.rows, func(a, b placed) int {
		if a.datagram != b.datagram {
			return a.datagram - b.datagram
		}
		return a.set - b.set
	})
	out := make([]keyed, len(g.rows))
	for i, p := range g.rows {
		out[i] = p.keyed
	}
	return out
}

// fromBoot makes the times of an IPFIX record absolute: its header has no uptime to relate them to.
func fromBoot(r row, boot uint64) {
	for uptime, absolute := range map[string]string{kFirst: kStart, kLast: kEnd} {
		if ms, err := strconv.ParseUint(r[uptime], 10, 32); err == nil {
			r[absolute] = number((boot + ms) * 1e6)
			delete(r, uptime)
		}
	}
}

// legacy decodes NetFlow v5. goflow2 fills up to the header's count with empty records; they are cut off.
func (g *goflow) legacy(n int, payload []byte) {
	var p netflowlegacy.PacketNetFlowV5
	if err := netflowlegacy.DecodeMessageVersion(bytes.NewBuffer(payload), &p); err != nil {
		g.refused++
		return
	}
	held := min(len(p.Records), (len(payload)-24)/48)
	for _, r := range p.Records[:held] {
		out := row{
			kSrc: addr4(uint32(r.SrcAddr)), kDst: addr4(uint32(r.DstAddr)), kIn: number(r.Input), kOut: number(r.Output),
			kPackets: number(r.DPkts), kBytes: number(r.DOctets), kFirst: number(r.First), kLast: number(r.Last),
			kSrcPort: number(r.SrcPort), kDstPort: number(r.DstPort), kFlags: number(r.TCPFlags), kProtocol: number(r.Proto), kToS: number(r.Tos),
		}
		if r.SrcMask|r.DstMask != 0 {
			out[elementName(0, 9)], out[elementName(0, 13)] = hexOf(r.SrcMask), hexOf(r.DstMask)
		}
		if r.Proto == 1 {
			icmpFromPort(out)
		}
		if r.NextHop != 0 {
			out[kNextHop] = addr4(uint32(r.NextHop))
		}
		if r.SrcAS != 0 {
			out[kSrcAS] = number(r.SrcAS)
		}
		if r.DstAS != 0 {
			out[kDstAS] = number(r.DstAS)
		}
		if p.SamplingInterval&0x3fff != 0 {
			out[kSampling] = number(p.SamplingInterval & 0x3fff)
		}
		g.rows = append(g.rows, placed{keyed: keyed{n, out}})
	}
}
