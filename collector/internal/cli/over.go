package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
)

// over is the flags that ask over time: series, comparisons, percentiles, both directions.
type over struct {
	interval, zone, fill, compare string
	percentile                    float64
	both, spread                  bool
}

func (o *over) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&o.interval, "interval", "", "a series by this interval: a number with s, m, h, d or w, such as 5m")
	fs.StringVar(&o.zone, "zone", "", "days and weeks are cut in this time zone, such as Europe/Berlin (default UTC)")
	fs.StringVar(&o.fill, "fill", "", "what a series has where there are no records: zero, null or none (default zero)")
	fs.StringVar(&o.compare, "compare", "", "with what was this much earlier, such as 1d or 1w, and the change; needs --from")
	fs.Float64Var(&o.percentile, "percentile", 0, "this percentile of the intervals' numbers instead of a series, such as 95")
	fs.BoolVar(&o.both, "both", false, "what went out of and came into the source.* or destination.* of --by and FILTER")
	fs.BoolVar(&o.spread, "spread", false, "series lay bytes and packets over the records' durations")
}

// apply puts the flags into the question.
func (o *over) apply(q *query.Question, s *span) error {
	q.Interval, q.Zone, q.Fill, q.Compare = o.interval, o.zone, query.Fill(o.fill), o.compare
	q.Percentile, q.Spread = o.percentile, o.spread
	if o.both {
		q.Direction = query.DirectionBoth
	}
	if o.compare != "" {
		if s.from == "" {
			return command.Usagef("--compare %s needs --from: the range that is compared with an earlier one", o.compare)
		}
		if s.to == "" {
			s.to = "now"
		}
	}
	return nil
}

// bounded gives a question that needs bounds some, so that all else can be checked before times are known.
func (o *over) bounded(q query.Question) query.Question {
	if o.compare != "" {
		q.From = time.Unix(0, 0)
		q.To = q.From.Add(time.Second)
	}
	return q
}

// parseMeasures reads measures with commas between.
func parseMeasures(text string, q *query.Question) (err error) {
	first, more, several := strings.Cut(text, ",")
	if q.Measure, q.Field, err = query.ParseMeasure(first); err != nil || !several {
		return err
	}
	for name := range strings.SplitSeq(more, ",") {
		m, _, err := query.ParseMeasure(name)
		if err != nil {
			return err
		}
		q.More = append(q.More, m)
	}
	return nil
}
