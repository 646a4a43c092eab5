//go:build cgo

package duckdb

import (
	"context"
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Exporters implements [query.ExporterReader]: the accounts over all runs of the folder. Those of streams of the running pipeline
// are live, the others as they were committed.
func (s *Store) Exporters(ctx context.Context) ([]query.Exporter, error) {
	var marks []flow.StreamMark
	var known map[flow.StreamKey]query.Exporter
	err := s.readers.read(ctx, weightless, func(c *conn) (err error) {
		marks, known, err = readStreams(ctx, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]query.Exporter, 0, len(marks))
	if s.deps.Account != nil {
		for _, stream := range s.deps.Account.Streams() {
			e := query.ExporterOf(stream)
			e.Health = s.deps.Health(stream.Key)
			list = append(list, e.After(s.restart.exporters[stream.Key]))
			delete(known, stream.Key)
		}
	}
	for _, m := range marks {
		if e, ok := known[m.Key]; ok {
			list = append(list, e)
		}
	}
	return list, nil
}

// asOf takes an account back to the mark that it is committed with: what was decoded since is in flight, and shows up as a gap if
// it is never stored. The sums are made of their parts: counters that are read one by one while others count do not add up.
func asOf(e *query.Exporter, stream *flow.Stream, m flow.StreamMark, gain flow.Gain) {
	if c := m.Counts; c.Decoded > 0 {
		e.Bytes, e.Decoded, e.SetsDecoded, e.OptionsRecords = c.Bytes, c.Decoded, c.SetsDecoded, c.OptionsRecords
		e.FlowSamples, e.CounterSamples, e.DroppedPackets = c.FlowSamples, c.CounterSamples, c.DroppedPackets
		e.SampleGaps, e.SampleDrops, e.SamplePool = c.SampleGaps, c.SampleDrops, c.SamplePool
		e.Gaps, e.Reordered, e.Restarts, e.Clashes = c.Gaps, c.Reordered, c.Restarts, c.Clashes
		e.Waiting = int64(m.Waiting)
		e.Dropped = stream.Lost.Map()
		for why, n := range gain.Lost {
			e.Dropped[why.String()] += n
		}
		e.Datagrams = e.Decoded + total(e.Refused)
		e.Sets = e.SetsDecoded + uint64(m.Waiting) + total(e.SetsExpired)
	}
}

func total(reasons map[string]uint64) (n uint64) {
	for _, k := range reasons {
		n += k
	}
	return n
}

// settle adds what a transaction brings to an account that is committed with it. What is in flight then is left out: if it is
// never stored, it shows up as a gap.
func settle(e *query.Exporter, gain flow.Gain) {
	e.Stored += gain.Stored
	e.AlreadyStored += gain.AlreadyStored
	e.Records = e.Stored + e.AlreadyStored
	for why, n := range gain.SetAside {
		e.SetAside[why.String()] += n
	}
	e.Records += total(e.SetAside) + total(e.Dropped)
	e.InFlight = 0
}

// Loss returns what is known to be missing, as answers carry it.
func (s *Store) loss(ctx context.Context) (query.Loss, error) {
	if s.deps.Loss != nil {
		return s.deps.Loss(), nil
	}
	list, err := s.Exporters(ctx)
	var l query.Loss
	for _, e := range list {
		l.Gaps += e.Gaps
		for _, n := range e.Dropped {
			l.Dropped += n
		}
	}
	return l, err
}

// Alerts implements [query.AlertReader].
func (s *Store) Alerts(ctx context.Context, q query.AlertQuestion) ([]flow.Alert, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	var all []flow.Alert
	err := s.readers.read(ctx, weightless, func(c *conn) (err error) {
		where, args := "WHERE state <> ?", []any{string(flow.AlertPending)}
		if q.ID != "" {
			where, args = where+" AND id = ?", append(args, q.ID)
		}
		all, err = readAlerts(ctx, c, where, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.Clip(query.SelectAlerts(all, q)), nil
}
