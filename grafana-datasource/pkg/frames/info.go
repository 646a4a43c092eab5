package frames

import (
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/query"
)

// Info is what is said of an answer besides its data.
type Info struct {
	Executed  string // the question as it was asked, for the inspector
	From, To  time.Time
	Interval  string // of a series; "": none
	Exactness query.Exactness
	Loss      query.Loss
	Cut       string // what is left out, and how to see it; "": nothing
	Notes     []string
}

// Custom is what frames carry in meta.custom, for front ends and for people who look into the inspector.
type Custom struct {
	From      time.Time       `json:"from"` // as asked: from <= @timestamp < to
	To        time.Time       `json:"to"`
	Interval  string          `json:"interval,omitempty"`
	Exactness query.Exactness `json:"exactness,omitempty"`
	Loss      *query.Loss     `json:"loss,omitempty"`
}

// apply puts the info on the first frame, the question on all. An answer without frames stays one.
func (i *Info) apply(frames data.Frames, kind data.FrameType, view data.VisType) data.Frames {
	for n, f := range frames {
		if f.Meta == nil {
			f.Meta = &data.FrameMeta{}
		}
		f.Meta.Type, f.Meta.PreferredVisualization, f.Meta.ExecutedQueryString = kind, view, i.Executed
		if kind != "" && kind != data.FrameTypeTable {
			f.Meta.TypeVersion = data.FrameTypeVersion{0, 1}
		}
		if n == 0 {
			f.Meta.Custom, f.Meta.Notices = i.custom(), i.notices()
		}
	}
	return frames
}

func (i *Info) custom() Custom {
	c := Custom{From: i.From, To: i.To, Interval: i.Interval, Exactness: i.Exactness}
	if i.Exactness != "" {
		c.Loss = &i.Loss
	}
	return c
}

func (i *Info) notices() (list []data.Notice) {
	if what := i.missing(); what != "" {
		list = append(list, data.Notice{Severity: data.NoticeSeverityWarning, Text: what, Inspect: data.InspectTypeMeta})
	}
	if before := i.Loss.DeletedBefore; before != nil {
		list = append(list, data.Notice{Severity: data.NoticeSeverityInfo, Text: "Records of before " + before.UTC().Format("2006-01-02 15:04") + " UTC have been deleted by the collector's retention."})
	}
	switch i.Exactness {
	case query.Approximate:
		list = append(list, data.Notice{Severity: data.NoticeSeverityInfo, Text: "The numbers are approximate."})
	case query.Spread:
		list = append(list, data.Notice{Severity: data.NoticeSeverityInfo, Text: "Bytes and packets are spread over the duration of each flow."})
	}
	for _, text := range append(i.Notes, i.Cut) {
		if text != "" {
			list = append(list, data.Notice{Severity: data.NoticeSeverityInfo, Text: text})
		}
	}
	return list
}

// missing says what is missing from the range; of collectors that do not know when they lost something, what they have lost in all.
func (i *Info) missing() string {
	if r := i.Loss.InRange; r != nil {
		if what := lossText(*r); what != "" {
			return "Something is missing here. Lost at about this time: " + what + "."
		}
		return ""
	}
	if what := lossText(query.LossInRange{Gaps: i.Loss.Gaps, KernelDrops: i.Loss.KernelDrops, Dropped: i.Loss.Dropped}); what != "" {
		return "Something may be missing here. The collector knows of losses, in all: " + what + "."
	}
	return ""
}

// lossText says in words what is known to be missing; "": nothing.
func lossText(l query.LossInRange) string {
	var parts []string
	for _, p := range []struct {
		n    uint64
		what string
	}{
		{l.Gaps, "%d lost between exporters and collector (gaps in sequence numbers)"},
		{l.KernelDrops, "%d datagrams dropped by the kernel before the collector could read them"},
		{l.Dropped, "%d records dropped by the collector under load"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf(p.what, p.n))
		}
	}
	return strings.Join(parts, ", ")
}
