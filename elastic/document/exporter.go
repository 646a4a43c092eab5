package document

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/member"
)

// exporterObject is the field that holds an exporter in the form of Weir's API.
const exporterObject = "weir.exporter.document"

// exporterCounters are the counters of an exporter since the process began.
var exporterCounters = query.ExporterCounters()

func exporterFields() []Field {
	const keyword, double, long = filter.ElasticKeyword, filter.ElasticDouble, filter.ElasticLong
	list := []Field{
		{Name: "@timestamp", Type: filter.ElasticDate, ECS: true, Doc: "When it was so."},
		{Name: "event.id", Type: keyword, ECS: true, Doc: "Identity of the document."},
		{Name: "event.kind", Type: keyword, ECS: true, Always: "metric", Doc: "Kind of the event."},
		{Name: "observer.ip", Type: filter.ElasticIP, ECS: true, Doc: "Exporter."},
		{Name: "weir.protocol", Type: keyword, Doc: "Export protocol."},
		{Name: "weir.domain", Type: long, Doc: "Observation domain."},
		{Name: "weir.exporter.source", Type: keyword, Doc: "Address that its datagrams come from, where it tells another of itself."},
		{Name: "weir.exporter.port", Type: long, Doc: "Port that its datagrams come from, where it tells devices apart."},
		{Name: "weir.exporter.last_seen", Type: filter.ElasticDate, Doc: "When the last datagram came."},
		{Name: "weir.sampling.interval", Type: double, Doc: "Sampling interval N of 1:N."},
		{Name: "weir.sampling.source", Type: keyword, Doc: "Where it was learned."},
		{Name: "weir.clock.status", Type: keyword, Doc: "good, bad or unknown."},
		{Name: "weir.clock.offset_ms", Type: double, Doc: "What has to be added to its clock."},
		{Name: "weir.exporter.gap_rate", Type: double, Doc: "Lost of what was sent in five minutes, 0 to 1."},
		{Name: "weir.exporter.records_per_second", Type: double, Doc: "Records per second in the last minute."},
		{Name: "weir.exporter.faults", Type: keyword, List: true, Doc: "What is wrong with how it exports, by kind."},
	}
	for _, c := range exporterCounters {
		list = append(list, Field{Name: "weir.exporter." + c.Name, Type: long, Doc: c.Doc})
	}
	list = append(list,
		Field{Name: "weir.exporter.lost.from", Type: filter.ElasticDate, Doc: "Since when weir.exporter.lost.* count: the document before. Absent in a replay, as are these."},
		Field{Name: "weir.exporter.lost.gaps", Type: long, Doc: "Records or datagrams noticed to be missing since then."},
		Field{Name: "weir.exporter.lost.dropped", Type: long, Doc: "Records dropped since then."})
	return append(list, Field{Name: exporterObject, Type: typeObject, Ordered: true, Doc: "All that is known of it, in the form of Weir's API."})
}

// ExporterLoss is what was noticed to be missing of an exporter since a time.
type ExporterLoss struct {
	From          time.Time
	Gaps, Dropped uint64
}

// AppendExporter appends the document of an exporter as it is at a time; its id is [query.Exporter.AppendID]. lost is of the time since its last document;
// nil: that is not known.
func (e *Encoder) AppendExporter(dst []byte, x *query.Exporter, at time.Time, lost *ExporterLoss) ([]byte, error) {
	dst = member.Time(dst, `{"@timestamp":`, at.UnixNano())
	dst = member.Text(dst, `,"event.id":`, string(x.AppendID(nil, at)))
	dst = member.Text(dst, `,"observer.ip":`, x.IP)
	dst = member.Text(dst, `,"weir.protocol":`, x.Protocol)
	dst = member.Uint(dst, `,"weir.domain":`, uint64(x.Domain))
	dst = member.Text(dst, `,"weir.exporter.source":`, x.Source)
	if x.Port != 0 {
		dst = member.Uint(dst, `,"weir.exporter.port":`, uint64(x.Port))
	}
	if x.LastSeen != nil {
		dst = member.Time(dst, `,"weir.exporter.last_seen":`, x.LastSeen.UnixNano())
	}
	for _, c := range exporterCounters {
		dst = member.Uint(append(append(dst, `,"weir.exporter.`...), c.Name...), `":`, c.Of(x))
	}
	if lost != nil {
		dst = member.Time(dst, `,"weir.exporter.lost.from":`, lost.From.UnixNano())
		dst = member.Uint(dst, `,"weir.exporter.lost.gaps":`, lost.Gaps)
		dst = member.Uint(dst, `,"weir.exporter.lost.dropped":`, lost.Dropped)
	}
	dst = appendExporterState(dst, x)
	object, err := json.Marshal(x)
	if err != nil {
		return nil, fmt.Errorf("exporter %s: %w", x.IP, err)
	}
	dst = append(append(dst, `,"`+exporterObject+`":`...), object...)
	return e.finish(dst, Exporter), nil
}

func appendExporterState(dst []byte, x *query.Exporter) []byte {
	if s := x.Sampling; s != nil {
		if s.Interval != nil {
			dst = member.Float(dst, `,"weir.sampling.interval":`, *s.Interval)
		}
		dst = member.Text(dst, `,"weir.sampling.source":`, s.Source)
	}
	if c := x.Clock; c != nil {
		dst = member.Text(dst, `,"weir.clock.status":`, c.Status)
		if c.OffsetMs != nil {
			dst = member.Float(dst, `,"weir.clock.offset_ms":`, float64(*c.OffsetMs))
		}
	}
	h := x.Health
	if h == nil {
		return dst
	}
	if h.GapRate != nil {
		dst = member.Float(dst, `,"weir.exporter.gap_rate":`, *h.GapRate)
	}
	dst = member.Float(dst, `,"weir.exporter.records_per_second":`, h.RecordsPerSecond)
	var faults []string
	for i := range h.Faults {
		faults = append(faults, h.Faults[i].Kind)
	}
	return member.Texts(dst, `,"weir.exporter.faults":`, faults)
}
