package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// story retells an intrusion from alerts and sessions: who got in where, what the host did then, which host came next, what left.
type story struct {
	out    io.Writer
	alerts []flow.Alert // of weight, by start
	ask    query.SessionReader
	data   string
}

// tell prints the steps in the order in which they happened, each with the command that shows it.
func (s *story) tell(ctx context.Context) error {
	hosts := s.scanners()
	var last *flow.Alert
	for i := range s.alerts {
		a := &s.alerts[i]
		if !slices.ContainsFunc(append(slices.Clone(a.Actors), a.Victims...), func(h string) bool { return slices.Contains(hosts, h) }) {
			continue
		}
		s.step(a)
		if !scansInside(a) {
			continue
		}
		if last != nil {
			if err := s.hop(ctx, last, a); err != nil {
				return err
			}
		}
		last = a
	}
	if last == nil {
		fmt.Fprintln(s.out, "  nothing that hangs together")
	}
	return nil
}

// scanners returns the inside hosts that scan: what the story is about.
func (s *story) scanners() (hosts []string) {
	for i := range s.alerts {
		if scansInside(&s.alerts[i]) {
			hosts = append(hosts, s.alerts[i].Actors...)
		}
	}
	return hosts
}

func scansInside(a *flow.Alert) bool { return a.Detector == "scan.horizontal" && a.Severity >= 60 }

func (s *story) step(a *flow.Alert) {
	fmt.Fprintf(s.out, "  %s  %s  [%s %d, found after %s]\n", clock(a.Start), a.Title, a.SeverityLabel, a.Severity, a.DetectedAt.Sub(a.Start).Round(time.Second))
}

// hop shows how the second of two hosts that scan, one after the other, was reached from the first.
func (s *story) hop(ctx context.Context, first, second *flow.Alert) error {
	from, to := first.Actors[0], second.Actors[0]
	q := query.Question{Filter: fmt.Sprintf("client.ip : %s and server.ip : %s and weir.tcp.state : EST", from, to), From: first.Start, To: second.Start.Add(time.Minute)}
	b, err := s.ask.Sessions(ctx, q)
	if err != nil || len(b.Sessions) == 0 {
		return err
	}
	at := make([]string, 0, len(b.Sessions))
	for i := range b.Sessions {
		at = append(at, time.Unix(0, b.Sessions[i].Start).UTC().Format(time.TimeOnly))
	}
	fmt.Fprintf(s.out, "             before that, %s logged in to it: %d sessions, at %s\n", from, len(at), strings.Join(at, ", "))
	fmt.Fprintf(s.out, "             weir sessions '%s' --data %s\n", q.Filter, s.data)
	return nil
}

// weighty returns the alerts of severity low and above, by start.
func weighty(alerts []flow.Alert) []flow.Alert {
	list := slices.DeleteFunc(slices.Clone(alerts), func(a flow.Alert) bool { return a.Severity < lowSeverity })
	slices.SortStableFunc(list, func(a, b flow.Alert) int { return a.Start.Compare(b.Start) })
	return list
}

// lowSeverity is from which severity on an alert is more than information.
const lowSeverity = 20
