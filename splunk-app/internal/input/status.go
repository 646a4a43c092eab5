package input

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/cim"
)

// status is what the input tells of itself each minute.
func (i *instance) status() cim.Report {
	r := cim.Report{Component: "weir-splunk", State: "listening", Listen: i.addresses()}
	if i.stopping.Load() {
		r.State = "stopping"
	}
	exporters, waiting, silent := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range i.exporters() {
		if e.Decoded == 0 {
			continue // nothing of what it sent could be read: anyone can send from any address
		}
		exporters[e.IP] = true
		if e.Waiting > 0 {
			waiting[e.IP] = true
		}
		if isSilent(&e) {
			silent[e.IP] = true
		}
	}
	r.Exporters, r.Waiting, r.Silent = len(exporters), len(waiting), len(silent)
	i.count(&r)
	r.Message = message(&r)
	return r
}

// count fills in the counters.
func (i *instance) count(r *cim.Report) {
	for _, s := range i.core.Account.Streams() {
		r.Records += s.Records.Load()
		r.Dropped += s.Dropped.Sum()
		r.Gaps += s.Gaps.Load()
	}
	for _, s := range i.receivers.Sockets() {
		r.Datagrams += s.Datagrams
		r.KernelDrops += s.KernelDrops
	}
	for _, s := range i.receivers.Streams() {
		r.Datagrams += s.Messages
	}
	r.Events, r.Lost = i.box.counts()
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

// message says the same in a line: "listening, 3 exporters, none without templates".
func message(r *cim.Report) string {
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
