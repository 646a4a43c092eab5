package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// exporterRow is an exporter with what is wrong with it.
type exporterRow struct {
	Host             named
	Protocol         string
	Domain           uint32
	LastSeen         *time.Time
	Records, Stored  uint64
	Gaps, Lost       uint64
	Sampling, Clock  string
	Rate             string
	Faults           []fault
	Known            bool // whether its health is
	CannotSee        []string
	DatagramsRefused uint64
}

// fault is what is wrong with an exporter, and what mends it.
type fault struct {
	Level, Text, Why, Mend string
	Since                  time.Time
}

// exporters shows how well each exporter exports.
func (s *Site) exporters(r *http.Request) (view, error) {
	list, err := s.deps.Exporters.Exporters(r.Context())
	if err != nil {
		return view{}, err
	}
	rows := make([]exporterRow, len(list))
	for i := range list {
		rows[i] = exporterOf(&list[i])
	}
	return view{file: "exporters.html", title: "Exporters", section: "exporters", data: rows}, nil
}

func exporterOf(e *query.Exporter) exporterRow {
	row := exporterRow{
		Host: named{Text: e.IP}, Protocol: e.Protocol, Domain: e.Domain, LastSeen: e.LastSeen, Records: e.Records, Stored: e.Stored, Gaps: e.Gaps,
		Lost: sum(e.Dropped), DatagramsRefused: sum(e.Refused), Sampling: "-", Clock: "-", Rate: "-", CannotSee: e.CannotSee,
	}
	if e.Source != "" {
		row.Host.Text += " (" + e.Source + ")"
	}
	if e.Port != 0 {
		row.Host.Text += fmt.Sprintf(" port %d", e.Port)
	}
	if e.Sampling != nil {
		row.Sampling = e.Sampling.String()
	}
	if e.Clock != nil {
		row.Clock = e.Clock.Status
	}
	if h := e.Health; h != nil {
		row.Known, row.Rate, row.Faults = true, human(float64(int(h.RecordsPerSecond*10))/10), faultsOf(h, e.Protocol)
	}
	return row
}

func faultsOf(h *health.Stream, protocol string) []fault {
	list := make([]fault, len(h.Faults))
	for i := range h.Faults {
		f := &h.Faults[i]
		advice := health.Advise(f, h.Vendor, protocol)
		list[i] = fault{Level: f.Level, Text: f.Text, Why: advice.Why, Mend: advice.Mend, Since: f.Since}
	}
	return list
}

func sum(reasons map[string]uint64) (n uint64) {
	for _, v := range reasons {
		n += v
	}
	return n
}
