package cli

import (
	"io"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/query"
)

// badFrames are frames that Ethernet had one kind of trouble with.
type badFrames struct {
	name string
	n    *float64
}

// framesIn tells of frames that came in: " (12 FCS)", "" where there was no trouble.
func framesIn(e *query.Ethernet) string {
	if e == nil {
		return ""
	}
	return badFramesText(badFrames{"FCS", e.FCS}, badFrames{"alignment", e.Alignment}, badFrames{"too long", e.TooLong}, badFrames{"symbol", e.Symbol}, badFrames{"internal", e.InternalReceive})
}

// framesOut tells of frames that went out.
func framesOut(e *query.Ethernet) string {
	if e == nil {
		return ""
	}
	return badFramesText(badFrames{"collisions", e.Collisions}, badFrames{"late collisions", e.LateCollisions}, badFrames{"carrier", e.Carrier}, badFrames{"internal", e.InternalTransmit})
}

func badFramesText(list ...badFrames) string {
	var parts []string
	for _, t := range list {
		if t.n != nil && *t.n >= 0.5 {
			parts = append(parts, strconv.FormatFloat(*t.n, 'f', 0, 64)+" "+t.name)
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// head are the cells that say whose line it is.
func head(f *query.Interface) []string {
	return []string{f.Exporter, strconv.FormatUint(uint64(f.Index), 10)}
}

func unitCell(v *float64, unit string) string {
	if v == nil {
		return "-"
	}
	return human(*v, unit)
}

// showVLANs prints a line a VLAN or bin.
func showVLANs(w io.Writer, list []query.Interface, points bool) error {
	t := table{header: []string{"EXPORTER", "VLAN", "NOW", "AVERAGE", "PEAK", "95 %", "BYTES", "UNICAST", "MULTICAST", "BROADCAST", "DISCARDS"}}
	if points {
		t.header = []string{"EXPORTER", "VLAN", "TIME", "RATE", "PACKETS", "MULTICAST", "BROADCAST", "DISCARDS"}
	}
	for i := range list {
		f, s := &list[i], &list[i].In
		if !points {
			t.add(append(head(f), rateCell(s.Now), rateCell(s.Avg), rateCell(s.Peak), rateCell(s.P95), unitCell(s.Bytes, "B"),
				countCell(s.Unicast), countCell(s.Multicast), countCell(s.Broadcast), countCell(s.Discards))...)
		}
		for j := range f.Points {
			p := &f.Points[j].In
			t.add(append(head(f), clock(f.Points[j].Time), rateCell(p.BPS), unitCell(p.PPS, "packet/s"),
				countCell(p.Multicast), countCell(p.Broadcast), countCell(p.Discards))...)
		}
	}
	return t.write(w)
}

// showProcessors prints a line a processor or bin.
func showProcessors(w io.Writer, list []query.Interface, points bool) error {
	t := table{header: []string{
		"EXPORTER", "PROCESSOR", "5 S", "AVERAGE", "PEAK", "1 MIN", "AVERAGE", "PEAK", "5 MIN", "AVERAGE", "PEAK", "MEMORY", "FREE", "LEAST FREE",
	}}
	if points {
		t.header = []string{"EXPORTER", "PROCESSOR", "TIME", "5 S", "PEAK", "1 MIN", "PEAK", "5 MIN", "PEAK", "MEMORY", "LEAST FREE"}
	}
	for i := range list {
		f := &list[i]
		if f.Use != nil && !points {
			t.add(append(head(f), useCells(f.Use)...)...)
		}
		for j := range f.Points {
			if use := f.Points[j].Use; use != nil {
				t.add(append(append(head(f), clock(f.Points[j].Time)), usePointCells(use)...)...)
			}
		}
	}
	return t.write(w)
}

func useCells(use *query.ProcessorUse) (cells []string) {
	for _, l := range []*query.LoadSum{&use.Load5s, &use.Load1m, &use.Load5m} {
		cells = append(cells, shareCell(l.Now, false), shareCell(l.Avg, false), shareCell(l.Peak, false))
	}
	return append(cells, unitCell(use.Memory, "B"), unitCell(use.FreeMemory, "B"), unitCell(use.LeastFree, "B"))
}

func usePointCells(use *query.ProcessorUse) (cells []string) {
	for _, l := range []*query.LoadSum{&use.Load5s, &use.Load1m, &use.Load5m} {
		cells = append(cells, shareCell(l.Avg, false), shareCell(l.Peak, false))
	}
	return append(cells, unitCell(use.Memory, "B"), unitCell(use.LeastFree, "B"))
}
