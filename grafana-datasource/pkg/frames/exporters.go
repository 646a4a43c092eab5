package frames

import (
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// Exporters is an answer of exporters with what is needed to show it.
type Exporters struct {
	List []query.Exporter
	Now  time.Time // what silence is counted to
	Info Info
}

// Table makes a table, an exporter and observation domain a row.
func (a *Exporters) Table() data.Frames {
	count := func(name, title string, value func(*query.Exporter) uint64) column {
		return number(name, title, each(a.List, func(e *query.Exporter) *float64 { return float(value(e)) })).unit("short")
	}
	f := tableOf("",
		text("exporter", "Exporter", a.texts(func(e *query.Exporter) string { return e.IP })),
		text("domain", "Domain", a.texts(domainOf)),
		text("protocol", "Protocol", a.texts(func(e *query.Exporter) string { return e.Protocol })),
		instant("last_seen", "Last seen", each(a.List, func(e *query.Exporter) *time.Time { return e.LastSeen })),
		number("silent_seconds", "Silent for", a.values("silent_seconds")).unit("s"),
		number("records_per_second", "Records/s", each(a.List, rateOf)),
		count("datagrams", "Datagrams", func(e *query.Exporter) uint64 { return e.Datagrams }),
		count("records", "Records", func(e *query.Exporter) uint64 { return e.Records }),
		count("stored", "Stored", func(e *query.Exporter) uint64 { return e.Stored + e.AlreadyStored }),
		count("gaps", "Lost before here", func(e *query.Exporter) uint64 { return e.Gaps }).described("By gaps in sequence numbers."),
		count("dropped", "Dropped here", func(e *query.Exporter) uint64 { return sumOf(e.Dropped) }),
		count("refused", "Refused", func(e *query.Exporter) uint64 { return sumOf(e.Refused) }),
		count("set_aside", "Set aside", func(e *query.Exporter) uint64 { return sumOf(e.SetAside) }).described("Records that cannot be right."),
		number("waiting_sets", "Waiting for a template", a.values("waiting_sets")),
		number("gap_rate", "Loss, 5 minutes", each(a.List, gapRateOf)).unit(percent),
		text("sampling", "Sampling", a.texts(samplingOf)),
		text("clock", "Clock", a.texts(clockOf)),
		number("clock_offset_seconds", "Clock off by", a.values("clock_offset_seconds")).unit("s"),
		text("cannot_see", "Blind to", a.texts(func(e *query.Exporter) string { return strings.Join(e.CannotSee, ", ") })).described("Detectors that find nothing at this sampling."),
		text("faults", "Faults", a.texts(faultsOf)),
	)
	return a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
}

func (a *Exporters) texts(value func(*query.Exporter) string) []string { return each(a.List, value) }

func (a *Exporters) values(name string) []*float64 {
	return each(a.List, func(e *query.Exporter) *float64 { return a.value(e, name) })
}

// Numeric makes a table of texts and one number: what alert rules take. Exporters of which it is not known are left out.
func (a *Exporters) Numeric(value string) data.Frames {
	var exporters, domains, protocols []string
	var numbers []*float64
	for i := range a.List {
		e := &a.List[i]
		if v := a.value(e, value); v != nil {
			exporters, domains, protocols, numbers = append(exporters, e.IP), append(domains, domainOf(e)), append(protocols, e.Protocol), append(numbers, v)
		}
	}
	unit := ""
	if strings.HasSuffix(value, "_seconds") {
		unit = "s"
	}
	f := tableOf("", text("exporter", "Exporter", exporters), text("domain", "Domain", domains), text("protocol", "Protocol", protocols),
		number(value, Title(value), numbers).unit(unit))
	return a.Info.apply(data.Frames{f}, data.FrameTypeTable, data.VisTypeTable)
}

// value is one of model.ExporterValues; nil where it is not known.
func (a *Exporters) value(e *query.Exporter, name string) *float64 {
	switch name {
	case "records":
		return float(e.Records)
	case "gaps":
		return float(e.Gaps)
	case "dropped":
		return float(sumOf(e.Dropped))
	case "refused":
		return float(sumOf(e.Refused))
	case "waiting_sets":
		return float(e.Waiting)
	case "clock_offset_seconds":
		if e.Clock == nil || e.Clock.OffsetMs == nil {
			return nil
		}
		seconds := float64(*e.Clock.OffsetMs) / 1000
		return &seconds
	}
	if e.LastSeen == nil {
		return nil
	}
	silent := max(a.Now.Sub(*e.LastSeen), 0).Seconds()
	return &silent
}

func domainOf(e *query.Exporter) string { return strconv.FormatUint(uint64(e.Domain), 10) }

func samplingOf(e *query.Exporter) string {
	if e.Sampling == nil {
		return ""
	}
	return e.Sampling.String()
}

func clockOf(e *query.Exporter) string {
	if e.Clock == nil {
		return ""
	}
	return e.Clock.Status
}

func rateOf(e *query.Exporter) *float64 {
	if e.Health == nil {
		return nil
	}
	return &e.Health.RecordsPerSecond
}

func gapRateOf(e *query.Exporter) *float64 {
	if e.Health == nil {
		return nil
	}
	return e.Health.GapRate
}

func sumOf(counts map[string]uint64) (sum uint64) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

func faultsOf(e *query.Exporter) string {
	if e.Health == nil {
		return ""
	}
	return strings.Join(each(e.Health.Faults, func(f *health.Fault) string { return f.Level + ": " + f.Text }), "; ")
}
