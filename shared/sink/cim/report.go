package cim

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// ReportOf returns the report of what listens, by what is known of exporters, without counters. An exporter of which nothing could be read does not
// count: anyone can send from any address.
func ReportOf(component string, list []query.Exporter) Report {
	r := Report{Component: component, State: "listening"}
	exporters, waiting, silent := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range list {
		e := &list[i]
		if e.Decoded == 0 {
			continue
		}
		exporters[e.IP] = true
		if e.Waiting > 0 {
			waiting[e.IP] = true
		}
		if isSilent(e) {
			silent[e.IP] = true
		}
	}
	r.Exporters, r.Waiting, r.Silent = len(exporters), len(waiting), len(silent)
	return r
}

func isSilent(e *query.Exporter) bool {
	if e.Health == nil {
		return false
	}
	for _, f := range e.Health.Faults {
		if f.Kind == health.Silent.String() {
			return true
		}
	}
	return false
}

// Line says the same in a line: "listening, 3 exporters, none without templates".
func (r *Report) Line() string {
	parts := []string{r.State}
	switch r.Exporters {
	case 0:
		return r.State + ", no exporter yet"
	case 1:
		parts = append(parts, "1 exporter")
	default:
		parts = append(parts, fmt.Sprintf("%d exporters", r.Exporters))
	}
	if r.Waiting == 0 {
		parts = append(parts, "none without templates")
	} else {
		parts = append(parts, fmt.Sprintf("%d without templates", r.Waiting))
	}
	if r.Silent > 0 {
		parts = append(parts, fmt.Sprintf("%d silent", r.Silent))
	}
	if r.Lost > 0 {
		parts = append(parts, fmt.Sprintf("%d events dropped", r.Lost))
	}
	if r.KernelDrops > 0 {
		parts = append(parts, fmt.Sprintf("%d datagrams dropped by the system", r.KernelDrops))
	}
	return strings.Join(parts, ", ")
}
