package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

// showHealth prints how well each exporter exports.
func showHealth(w io.Writer, list []query.Exporter) error {
	t := table{header: []string{
		"EXPORTER", "DOMAIN", "PROTOCOL", "TEMPLATE", "OPTIONS", "SAMPLING", "ACTIVE", "INACTIVE", "CLOCK", "GAPS", "NO FLAGS", "SYN", "BOTH WAYS",
		"COPIES", "TWICE", "RATE", "USUAL", "LINKS",
	}}
	for i := range list {
		if e := &list[i]; e.Health != nil {
			t.add(healthRow(e, e.Health)...)
		}
	}
	if err := t.write(w); err != nil {
		return err
	}
	return showFaults(w, list)
}

func healthRow(e *query.Exporter, h *health.Stream) []string {
	return []string{
		exporterName(e), strconv.FormatUint(uint64(e.Domain), 10), e.Protocol, ageText(h.TemplateAge), ageText(h.OptionsAge), intervalsText(e, h),
		timeoutText(h.ActiveTimeout), timeoutText(h.InactiveTimeout), clockText(h.Clock), shareText(h.GapRate), shareText(h.WithoutFlags), shareText(h.WithSYN),
		shareText(h.BothDirections), shareText(h.Copies), shareText(h.Doubled), rateText(&h.RecordsPerSecond), rateText(h.UsualRecords), linksText(h.Links),
	}
}

// showFaults names in a line each what is wrong with exporters.
func showFaults(w io.Writer, list []query.Exporter) error {
	for i := range list {
		e := &list[i]
		if e.Health == nil || len(e.Health.Faults) == 0 {
			continue
		}
		var texts []string
		for _, f := range e.Health.Faults {
			texts = append(texts, f.Text)
		}
		if _, err := fmt.Fprintf(w, "%s domain %d %s: %s (weir doctor says what mends it)\n", exporterName(e), e.Domain, e.Protocol, strings.Join(texts, "; ")); err != nil {
			return err
		}
	}
	return nil
}

const unknown = "-"

// ageText shows an age in the largest unit that leaves two digits.
func ageText(s *float64) string {
	switch {
	case s == nil:
		return unknown
	case *s < 120:
		return strconv.Itoa(int(*s)) + "s"
	case *s < 2*3600:
		return strconv.Itoa(int(*s/60)) + "m"
	case *s < 2*86400:
		return strconv.Itoa(int(*s/3600)) + "h"
	}
	return strconv.Itoa(int(*s/86400)) + "d"
}

func timeoutText(t *health.Timeout) string {
	switch {
	case t == nil:
		return unknown
	case t.AtLeast:
		return ">=" + strconv.Itoa(int(t.Seconds)) + "s"
	}
	return strconv.Itoa(int(math.Round(t.Seconds))) + "s"
}

// clockText shows an offset and how far it may be off: "+7.0s ±1.0s", with what is wrong with the clock.
func clockText(c *health.Clock) string {
	if c == nil {
		return unknown
	}
	text := fmt.Sprintf("%+.1fs ±%.1fs", c.OffsetMs/1000, c.UncertaintyMs/1000)
	if c.Status != "" && c.Status != "good" {
		text += " " + c.Status
	}
	return text
}

func shareText(v *float64) string {
	if v == nil {
		return unknown
	}
	if p := *v * 100; p > 0 && p < 9.95 {
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(*v*100, 'f', 0, 64) + "%"
}

func rateText(v *float64) string {
	if v == nil {
		return unknown
	}
	return human(*v, "/s")
}

// intervalsText shows the sampling in force, and the intervals seen before.
func intervalsText(e *query.Exporter, h *health.Stream) string {
	text := samplingText(e.Sampling)
	if n := len(h.Intervals); n > 1 {
		text += fmt.Sprintf(" (%d intervals)", n)
	}
	return text
}

// linksText shows how the sum of the flows compares with the interfaces' counters: flows as a share of counters, of the busiest.
func linksText(list []health.Link) string {
	var most health.Link
	for _, l := range list {
		if l.CountersIn > most.CountersIn {
			most = l
		}
	}
	switch {
	case most.CountersIn == 0:
		return unknown
	case most.FlowsInError > interfaces.SureError:
		return fmt.Sprintf("%d, flows ±%.0f%%", len(list), 100*most.FlowsInError)
	}
	return fmt.Sprintf("%d, flows %.0f%%", len(list), 100*most.FlowsIn/most.CountersIn)
}
