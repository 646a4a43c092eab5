package web

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// since is what is stored of a host in all, whatever time its page shows: since when it is there comes first when somebody asks who it is.
type since struct {
	First, Last    named // days
	Sent, Received float64
	Deleted        string // the day before which records are deleted; "": nothing is
}

const day = 24 * time.Hour

// sinceWithin is how long the page waits for it. A store that has sums of hosts answers in a fraction of that.
const sinceWithin = 2 * time.Second

// fillSince asks what the host has sent and received on each day of the longest time that pages cover. Where that costs too much the page
// does without.
func (s *Site) fillSince(all context.Context, d *hostData) error {
	now := s.deps.Now().UTC()
	ctx, cancel := context.WithTimeout(all, sinceWithin)
	defer cancel()
	res, err := s.aggregate(ctx, query.Question{
		Filter: fmt.Sprintf("source.ip : %q", d.IP), From: now.Add(-hostLongest).Truncate(day), To: now, Measure: query.Bytes,
		Direction: query.DirectionBoth, Interval: "1d", Fill: query.FillNone,
	})
	var refused interface{ Status() int }
	switch {
	case errors.As(err, &refused), ctx.Err() != nil && all.Err() == nil:
		return nil
	case err != nil:
		return err
	case len(res.Rows) == 0 || len(res.Rows[0]) != 3:
		return nil
	}
	found := &since{First: dayOf(d.IP, cell(res.Rows[0][0])), Last: dayOf(d.IP, cell(res.Rows[len(res.Rows)-1][0]))}
	for _, row := range res.Rows {
		out, _ := number(row[1])
		in, _ := number(row[2])
		found.Sent, found.Received = found.Sent+out, found.Received+in
	}
	if before := res.Loss.DeletedBefore; before != nil {
		found.Deleted = before.UTC().Format(time.DateOnly)
	}
	d.Since = found
	return nil
}

// dayOf is a day, with the host's page of it.
func dayOf(ip, begin string) named {
	at, err := time.Parse(time.RFC3339, begin)
	host, err2 := netip.ParseAddr(ip)
	if err != nil || err2 != nil {
		return named{Text: begin}
	}
	return named{Text: at.UTC().Format(time.DateOnly), URL: hostPath(host, at, at.Add(day))}
}
