package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/shared/query"
)

// panel is a question as a dashboard asks it.
type panel struct {
	name string
	ask  func(ctx context.Context, c *query.Client) (outcome, error)
}

// outcome is what an answer was like.
type outcome struct {
	rows      int
	exactness query.Exactness
	low       float64 // by which part of it the least row of an approximate top list may be too low; 0 where that is not known
}

// String says how exact an answer is.
func (o outcome) String() string {
	if o.low == 0 {
		return string(o.exactness)
	}
	return fmt.Sprintf("%s: the least row is at most %.2f %% low", o.exactness, o.low*100)
}

// outcomeOf describes the answer to a question.
func outcomeOf(q query.Question, res query.Result) outcome {
	o := outcome{rows: len(res.Rows), exactness: res.Exactness}
	if last := min(q.Limit, len(res.Rows)) - 1; res.MaxError != nil && q.Interval == "" && last >= 0 {
		if least := number(res.Rows[last][len(q.By)]); least > 0 {
			o.low = *res.MaxError / float64(least)
		}
	}
	return o
}

// occasion is questions that are asked together, and the time in which all of them are to be answered.
type occasion struct {
	name   string
	within time.Duration
	panels func() []panel // of now
}

// aggregate is a panel of sums.
func aggregate(name string, q query.Question) panel {
	return panel{name, func(ctx context.Context, c *query.Client) (outcome, error) {
		res, err := c.Aggregate(ctx, q)
		return outcomeOf(q, res), err
	}}
}

// records and sessions are panels of the first 100; what they list is exact.
func records(name, filter string) panel {
	return panel{name, func(ctx context.Context, c *query.Client) (outcome, error) {
		b, err := c.Records(ctx, query.Question{Filter: filter, Limit: 100})
		if err != nil {
			return outcome{}, err
		}
		return outcome{rows: len(b.Records), exactness: query.Exact}, nil
	}}
}

func sessions(name, filter string) panel {
	return panel{name, func(ctx context.Context, c *query.Client) (outcome, error) {
		b, err := c.Sessions(ctx, query.Question{Filter: filter, Limit: 100})
		if err != nil {
			return outcome{}, err
		}
		return outcome{rows: len(b.Sessions), exactness: query.Exact}, nil
	}}
}

// overview is a dashboard of eight panels for a time up to now.
func overview(name string, length time.Duration, interval string, within time.Duration) occasion {
	return occasion{name, within, func() []panel {
		to := time.Now().UTC()
		of := query.Question{From: to.Add(-length), To: to}
		series := func(by ...string) query.Question {
			q := of
			q.Measure, q.Interval, q.By, q.Limit = query.BPS, interval, by, 8
			return q
		}
		top := func(filter string, by ...string) query.Question {
			q := of
			q.Filter, q.By, q.Limit = filter, by, 10
			return q
		}
		return []panel{
			aggregate("rate, every "+interval, series()),
			aggregate("rate by service", series("network.protocol")),
			aggregate("rate by direction", series("network.direction")),
			aggregate("top sources coming in", top("network.direction : inbound", "source.ip")),
			aggregate("top destinations coming in", top("network.direction : inbound", "destination.ip")),
			aggregate("top services", top("", "network.protocol")),
			aggregate("top interfaces", top("", "observer.ip", "observer.ingress.interface.name")),
			aggregate("top groups", top("", "weir.destination.group")),
		}
	}}
}

// lists is an occasion of records and sessions by a filter, over everything that is stored.
func lists(name, filter string, within time.Duration) occasion {
	return occasion{name, within, func() []panel {
		return []panel{records("records", filter), sessions("sessions", filter)}
	}}
}

// amounts is an occasion of what a host has sent and received, up to now.
func amounts(name, ip string, length time.Duration) occasion {
	return occasion{name, time.Second, func() []panel {
		to := time.Now().UTC()
		of := query.Question{Filter: "related.ip : " + ip, From: to.Add(-length), To: to}
		hours, days := of, of
		hours.Interval, days.Interval = "1h", "1d"
		days.Filter, days.Direction = "source.ip : "+ip, query.DirectionBoth
		return []panel{aggregate("bytes", of), aggregate("bytes by the hour", hours), aggregate("bytes both ways by the day", days)}
	}}
}

// occasions are all that is measured. The hosts among them are chosen by what is stored.
func occasions(ctx context.Context, c *query.Client, m history.Marker) ([]occasion, error) {
	h, err := chooseHosts(ctx, c, m)
	if err != nil {
		return nil, err
	}
	days := time.Duration(m.Days) * 24 * time.Hour
	group := fmt.Sprintf("weir.source.group : %q or weir.destination.group : %q", history.Group, history.Group)
	of := func(what string, h host) string {
		return fmt.Sprintf("records and sessions of a %s host (%d records)", what, h.records)
	}
	return []occasion{
		overview("overview of the last hour", time.Hour, "1m", time.Second),
		overview(fmt.Sprintf("overview of %d days", m.Days), days, "1h", 3*time.Second),
		lists(of("rare", h.rare), "related.ip : "+h.rare.ip, time.Second),
		lists(of("usual", h.usual), "related.ip : "+h.usual.ip, time.Second),
		lists(of("busy", h.busy), "related.ip : "+h.busy.ip, time.Second),
		amounts(fmt.Sprintf("traffic of a rare host over %d days", m.Days), h.rare.ip, days),
		amounts(fmt.Sprintf("traffic of a usual host over %d days", m.Days), h.usual.ip, days),
		amounts(fmt.Sprintf("traffic of a busy host over %d days", m.Days), h.busy.ip, days),
		lists("records and sessions of a group of 250 servers", group, 3*time.Second),
	}, nil
}

// host is an address and its number of records.
type host struct {
	ip      string
	records uint64
}

// hosts are the hosts that questions are asked of.
type hosts struct{ rare, usual, busy host }

// usualHost is one of the 5,000 inside.
const usualHost = "10.20.7.77"

// chooseHosts finds the busiest source, a rare one, and what is stored of them.
func chooseHosts(ctx context.Context, c query.Engine, m history.Marker) (h hosts, err error) {
	if h.busy, err = busiest(ctx, c, m); err != nil {
		return h, err
	}
	if h.rare, err = rarest(ctx, c, m); err != nil {
		return h, err
	}
	h.usual = host{ip: usualHost}
	for _, at := range []*host{&h.rare, &h.usual, &h.busy} {
		counts, err := c.Aggregate(ctx, query.Question{Filter: "related.ip : " + at.ip, Measure: query.Flows})
		if err != nil {
			return h, fmt.Errorf("count records of %s: %w", at.ip, err)
		}
		if len(counts.Rows) > 0 {
			at.records = number(counts.Rows[0][0])
		}
	}
	return h, nil
}

func busiest(ctx context.Context, c query.Engine, m history.Marker) (host, error) {
	top, err := c.Aggregate(ctx, query.Question{From: m.Start, To: m.End(), By: []string{"source.ip"}, Measure: query.Flows, Limit: 1})
	if err != nil || len(top.Rows) == 0 {
		return host{}, fmt.Errorf("find the busiest source in %d rows: %w", len(top.Rows), err)
	}
	ip, _ := top.Rows[0][0].(string)
	return host{ip: ip}, nil
}

// rarest looks among the sources of some records in the middle of the history.
func rarest(ctx context.Context, c query.Engine, m history.Marker) (host, error) {
	middle := m.Start.Add(m.End().Sub(m.Start) / 2)
	b, err := c.Records(ctx, query.Question{From: middle, To: middle.Add(time.Hour), Filter: "network.direction : inbound", Limit: 100})
	if err != nil || len(b.Records) == 0 {
		return host{}, fmt.Errorf("find a rare source in %d records: %w", len(b.Records), err)
	}
	var ips []string
	for i := range b.Records {
		ips = append(ips, b.Records[i].Source.IP.String())
	}
	slices.Sort(ips)
	ips = slices.Compact(ips)
	counts, err := c.Aggregate(ctx, query.Question{Filter: "source.ip : (" + strings.Join(ips, " or ") + ")", By: []string{"source.ip"}, Measure: query.Flows, Limit: len(ips)})
	if err != nil || len(counts.Rows) == 0 {
		return host{}, fmt.Errorf("find a rare source: %w", err)
	}
	ip, _ := counts.Rows[len(counts.Rows)-1][0].(string)
	return host{ip: ip}, nil
}

// number reads a sum, which comes as a float from JSON.
func number(v any) uint64 {
	switch n := v.(type) {
	case float64:
		return uint64(n)
	case uint64:
		return n
	}
	return 0
}
