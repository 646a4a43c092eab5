package cli

import (
	"cmp"
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// finding is a line of weir doctor.
type finding struct {
	name     string   // of the exporter, with what else tells it apart
	Exporter string   `json:"exporter"` // "": the collector itself
	Domains  []uint32 `json:"domains"`
	Protocol string   `json:"protocol"`
	Vendor   string   `json:"vendor"` // guessed; "" unknown
	health.Fault
	health.Advice
}

// diagnose returns what is wrong with exporters, in their order, the worst of each first. Faults that several domains of an exporter share are one
// finding.
func diagnose(exporters []query.Exporter) []finding {
	list := []finding{}
	for i := range exporters {
		e := &exporters[i]
		vendor := ""
		var faults []health.Fault
		if e.Health != nil {
			vendor, faults = e.Health.Vendor, e.Health.Faults
		}
		for _, level := range []health.Level{health.Critical, health.Warning, health.Notice} {
			for _, f := range append(faults, refused(e)...) {
				if f.Level == level.String() {
					list = addFinding(list, e, vendor, f)
				}
			}
		}
	}
	return list
}

// addFinding adds a fault, to the finding of another domain where that is the same.
func addFinding(list []finding, e *query.Exporter, vendor string, f health.Fault) []finding {
	for i := range list {
		if o := &list[i]; o.name == exporterName(e) && o.Protocol == e.Protocol && o.Kind == f.Kind && o.Level == f.Level && o.Interface == f.Interface {
			o.Domains = append(o.Domains, e.Domain)
			return list
		}
	}
	return append(list, finding{
		name: exporterName(e), Exporter: e.IP, Domains: []uint32{e.Domain}, Protocol: e.Protocol, Vendor: vendor, Fault: f, Advice: health.Advise(&f, vendor, e.Protocol),
	})
}

// fewRefused is how many datagrams may be refused before it is said: anybody may send one.
const fewRefused = 10

// refused returns faults of datagrams that were not taken.
func refused(e *query.Exporter) (list []health.Fault) {
	var since time.Time
	if e.LastSeen != nil {
		since = *e.LastSeen
	}
	for _, r := range []struct {
		reason string
		kind   health.Kind
	}{{"version", health.UnknownVersion}, {"not_allowed", health.NotAllowed}} {
		if n := e.Refused[r.reason]; n >= fewRefused {
			list = append(list, health.FaultOf(r.kind, health.Notice, float64(n), since))
		}
	}
	return list
}

// Thresholds of the disk: a share or an amount of what is free.
const (
	diskWarning, diskCritical = 0.10, 0.03
	diskEnough                = 20 << 30 // bytes: of a large disk a small share is plenty
)

// diagnoseCollector returns what troubles the collector itself.
func diagnoseCollector(c *query.Collector, now time.Time) []finding {
	list := []finding{}
	since := c.Started
	if since.IsZero() {
		since = now
	}
	add := func(k health.Kind, level health.Level, value float64) {
		if value > 0 {
			f := health.FaultOf(k, level, value, since)
			list = append(list, finding{Domains: []uint32{}, Fault: f, Advice: health.Advise(&f, "", "")})
		}
	}
	var drops uint64
	for _, s := range c.Sockets {
		drops += s.KernelDrops
	}
	add(health.KernelDrops, health.Warning, float64(drops))
	add(health.QueueDrops, health.Warning, float64(c.DroppedBatches+c.DroppedForSinks))
	add(health.StoreErrors, health.Critical, float64(c.CommitErrors))
	if d := c.Disk; d != nil && d.Total > 0 && d.Free < diskEnough {
		switch free := float64(d.Free) / float64(d.Total); {
		case free < diskCritical:
			add(health.DiskLow, health.Critical, max(free, 1e-6))
		case free < diskWarning:
			add(health.DiskLow, health.Warning, free)
		}
	}
	slices.SortStableFunc(list, func(a, b finding) int { return cmp.Compare(rank(b.Level), rank(a.Level)) })
	return list
}

// rank orders levels by their names.
func rank(level string) int {
	return slices.Index([]string{health.Notice.String(), health.Warning.String(), health.Critical.String()}, level)
}

func diskOf(dir string) *query.Disk {
	free, total, err := store.Space(dir)
	if err != nil {
		return nil
	}
	return &query.Disk{Free: free, Total: total}
}
