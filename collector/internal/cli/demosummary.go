package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// ticker prints a line when an alert appears and one when it ends.
type ticker struct {
	w    io.Writer
	seen map[string]bool
}

// WriteAlerts implements sink.Alerts.
func (t *ticker) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	sorted := slices.Clone(alerts) // a batch may tell of several minutes
	slices.SortStableFunc(sorted, func(a, b flow.Alert) int { return a.DetectedAt.Compare(b.DetectedAt) })
	for i := range sorted {
		a := &sorted[i]
		word, at := "ALERT", a.DetectedAt
		if a.End != nil {
			word, at = "ended", *a.End
		}
		if a.Severity < lowSeverity {
			continue
		}
		if key := word + a.ID; !t.seen[key] {
			t.seen[key] = true
			fmt.Fprintf(t.w, "%s  %s  %-8s %s\n", clock(at), word, a.SeverityLabel, a.Title)
		}
	}
	return nil
}

func (d *demo) summarize(ctx context.Context) error {
	st := d.daemon.Store()
	alerts, err := st.Alerts(ctx, query.AlertQuestion{})
	if err != nil {
		return err
	}
	heavy := weighty(alerts)
	fmt.Fprintf(d.out, "\nTHE STORY\n\n")
	if err := (&story{out: d.out, alerts: heavy, ask: st, data: d.data()}).tell(ctx); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nTHE ALERTS (and %d of mere information: weir alerts)\n\n", len(alerts)-len(heavy))
	if len(heavy) == 0 {
		fmt.Fprintln(d.out, "no alerts")
	}
	for i := range heavy {
		showAlert(d.out, &heavy[i])
	}
	top, err := st.Aggregate(ctx, query.Question{By: []string{"source.ip"}, Measure: query.Bytes, Limit: 5})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nTHE FIVE BIGGEST TALKERS\n\n")
	if err := showResult(d.out, top); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nWHO SENT, AND WHAT WAS LOST\n\n")
	exporters, err := st.Exporters(ctx)
	if err != nil {
		return err
	}
	return showExporters(d.out, exporters)
}

// serve tells what to try and waits for the end.
func (d *demo) serve(ctx context.Context) {
	actor := "network.direction : outbound"
	if alerts, err := d.daemon.Store().Alerts(ctx, query.AlertQuestion{}); err == nil {
		for _, a := range alerts {
			if a.Detector == "exfil.session" && a.Severity >= 40 {
				actor = "client.ip : " + a.Actors[0] + " and network.direction : outbound and network.bytes > 10000000"
			}
		}
	}
	fmt.Fprintf(d.out, "\nStill serving. Try, in another terminal:\n\n  %s\n\nCtrl-C ends the demo and removes its data.\n", strings.Join([]string{
		fmt.Sprintf("bin/weir alerts --data %s", d.data()),
		fmt.Sprintf("bin/weir sessions '%s' --data %s", actor, d.data()),
		fmt.Sprintf("bin/weir query --measure sessions --by client.ip,server.port --limit 20 --data %s", d.data()),
		fmt.Sprintf("bin/weir query 'network.transport : icmp' --records --data %s", d.data()),
	}, "\n  "))
	<-ctx.Done()
}
