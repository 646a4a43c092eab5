//go:build cgo

package daemon_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
)

// client asks a daemon by its socket.
func client(t *testing.T, cfg daemon.Config) *query.Client {
	t.Helper()
	c, err := query.NewClient(query.ClientConfig{Socket: filepath.Join(cfg.Data, daemon.SocketName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// put makes a setting, which must be in force then.
func put(t *testing.T, c *query.Client, kind, name, value string) {
	t.Helper()
	done, err := c.PutSetting(t.Context(), kind, name, json.RawMessage(value), query.SettingOptions{})
	if err != nil || done.Applied != query.AppliedNow {
		t.Fatalf("%s/%s: %+v, %v", kind, name, done, err)
	}
}

// count counts records by fields: "a|b" to how many.
func count(t *testing.T, d *daemon.Daemon, filter string, by ...string) map[string]uint64 {
	t.Helper()
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := d.Store().Aggregate(t.Context(), query.Question{Filter: filter, By: by, Measure: query.Flows, Limit: 1000, AllCopies: true})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]uint64{}
	for _, row := range r.Rows {
		key := fmt.Sprint(row[:len(by)]...)
		n, _ := row[len(by)].(uint64)
		counts[key] = n
	}
	return counts
}

// everyone is a group of all endpoints with ports.
const everyone = `{"ports": ["0-65535"]}`

// TestSettingsInForce: what is changed through the API holds for records received from then on, for new runs, and can be taken back.
func TestSettingsInForce(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.Clock, cfg.Detect.Sessions = pipeline.ExportClock, "off"
	list := benchDatagrams(t, 10)
	d := start(t, cfg)
	c := client(t, cfg)
	feed(t, d, list[:3])
	put(t, c, "groups", "everyone", everyone)
	put(t, c, "exporters", "127.0.0.2", `{"sampling": 7}`)
	put(t, c, "pivots", "assets", `{"url": "https://assets.example.net/{ip}"}`)
	feed(t, d, list[3:5])
	if got := count(t, d, "weir.source.group : everyone"); got[""] != 2*24 {
		t.Errorf("records with the group: %v", got)
	}
	if got := count(t, d, "weir.sampling.interval : 7 and weir.sampling.source : override"); got[""] != 2*24 {
		t.Errorf("records with the interval: %v", got)
	}
	links, err := c.Pivots(t.Context(), query.PivotQuestion{Subject: "10.1.2.3"})
	if err != nil || len(links) == 0 || links[len(links)-1].URL != "https://assets.example.net/10.1.2.3" {
		t.Errorf("links: %v, %v", links, err)
	}
	// There were no sessions until now; with the first policy there are.
	put(t, c, "policies", "any", `{"limit": "bytes >= 0B", "filter": "weir.source.group : everyone", "severity": 55}`)
	feed(t, d, list[5:7])
	if err := d.Pipeline().Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if alerts, err := c.Alerts(t.Context(), query.AlertQuestion{}); err != nil || len(alerts) == 0 || alerts[0].Detector != "policy.violation" || !strings.HasPrefix(alerts[0].Key, "any|") {
		t.Errorf("alerts: %d, %v", len(alerts), err)
	}
	stop(t, d)

	d = start(t, cfg)
	c = client(t, cfg)
	feed(t, d, list[7:8])
	if got := count(t, d, "weir.source.group : everyone and weir.sampling.interval : 7"); got[""] != 5*24 {
		t.Errorf("after a restart: %v", got)
	}
	done, err := c.RestoreSettings(t.Context(), 0, query.SettingOptions{})
	if err != nil || done.Version != 5 || len(done.Changes) != 4 {
		t.Errorf("restored: %+v, %v", done, err)
	}
	feed(t, d, list[8:9])
	if got := count(t, d, "weir.source.group : everyone"); got[""] != 5*24 {
		t.Errorf("after the groups were removed: %v", got)
	}
	if done, err = c.RestoreSettings(t.Context(), 1, query.SettingOptions{}); err != nil || done.Version != 6 || len(done.Changes) != 1 {
		t.Errorf("restored: %+v, %v", done, err)
	}
	feed(t, d, list[9:])
	if got := count(t, d, "weir.source.group : everyone and not weir.sampling.interval : 7"); got[""] != 2*24 {
		t.Errorf("with the group alone: %v", got)
	}
}

// TestSettingsWhileReceiving: while settings change under load no record is lost, and each sees all of one version: its group, of the
// enricher, and its interval, of the normalizer, belong together.
func TestSettingsWhileReceiving(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.Clock = pipeline.ExportClock
	d := start(t, cfg)
	c := client(t, cfg)
	list := benchDatagrams(t, 600)
	feed(t, d, list[:1])
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		feed(t, d, list[1:])
	}()
	versions := 0
	for feeding := true; feeding; versions++ {
		select {
		case <-fed:
			feeding = false
		default:
		}
		edits := query.SettingEdits{Changes: []query.SettingEdit{
			{Kind: "groups", Name: fmt.Sprintf("g%d", versions), Value: json.RawMessage(everyone)},
			{Kind: "exporters", Name: "127.0.0.2", Value: json.RawMessage(fmt.Sprintf(`{"sampling": %d}`, 1000+versions))},
		}}
		if versions > 0 {
			edits.Changes = append(edits.Changes, query.SettingEdit{Kind: "groups", Name: fmt.Sprintf("g%d", versions-1), Value: json.RawMessage("null")})
		}
		if done, err := c.EditSettings(t.Context(), edits, query.SettingOptions{}); err != nil || done.Applied != query.AppliedNow {
			t.Fatalf("%+v, %v", done, err)
		}
	}
	got := count(t, d, "", "weir.source.group", "weir.sampling.interval")
	sum := uint64(0)
	for key, n := range got {
		sum += n
		var group, interval int
		if _, err := fmt.Sscanf(key, "g%d %d", &group, &interval); err == nil && interval != 1000+group {
			t.Errorf("%q: %d records", key, n)
		}
	}
	t.Logf("%d versions: %v", versions, slices.Sorted(maps.Keys(got)))
	if sum != 600*24 || versions < 2 {
		t.Errorf("%d records of %d, %d versions", sum, 600*24, versions)
	}
}
