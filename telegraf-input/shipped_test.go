package telegraf_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestExamples: the real Telegraf, Prometheus and Alertmanager take the files that are shipped for them; weir-telegraf takes its own.
func TestExamples(t *testing.T) {
	t.Parallel()
	binary := telegraf(t)
	paths, err := filepath.Glob("examples/telegraf-*.conf")
	if err != nil || len(paths) != 3 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		// It tells of faults in its log, and of them alone by E!.
		if out, err := exec.Command(binary, "config", "check", "--config", path).CombinedOutput(); err != nil || strings.Contains(string(out), "E! ") {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
	for _, args := range [][]string{
		{"promtool", "check", "config", "alerting/prometheus.yml"}, {"promtool", "check", "rules", "alerting/weir-rules.yml"},
		{"promtool", "test", "rules", "testdata/rules/weir-rules-test.yml"}, {"amtool", "check-config", "alerting/alertmanager.yml"},
	} {
		if out, err := exec.Command(tool(t, args[0]), args[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}

// checkFiring: in the middle of the flood the rule's expression holds, the alert fires, and the one who watches the network is told.
func checkFiring(t *testing.T, m *monitoring, s *scenario) {
	t.Helper()
	expr := ""
	flood := map[string]string{"detector": s.flood.Detector, "group": "workstations"}
	eventually(t, "the rule to fire", func() bool {
		found, firing := m.rule("WeirAttack")
		for _, labels := range firing {
			if expr = found; contains(labels, flood) {
				return true
			}
		}
		return false
	})
	holds := false
	for _, row := range m.query(expr) {
		holds = holds || contains(row.Metric, flood) && row.number() == 1
	}
	if !holds {
		t.Errorf("%s does not hold: %v", expr, m.query(expr))
	}
	eventually(t, "Alertmanager to tell", func() bool { return m.notified("security", "firing", flood) })
}

// checkPrometheus: after the flood nothing fires any more, and counters have come to what weir query has of the minutes that are over.
func checkPrometheus(t *testing.T, m *monitoring, s *scenario) {
	t.Helper()
	eventually(t, "the rule to end", func() bool { _, firing := m.rule("WeirAttack"); return len(firing) == 0 })
	eventually(t, "Alertmanager to tell of the end", func() bool {
		return m.notified("security", "resolved", map[string]string{"detector": s.flood.Detector})
	})
	want := s.cells(s.told(), false)
	got := prometheusCells(m)
	for deadline := time.Now().Add(20 * time.Second); !cmp.Equal(want, got) && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		got = prometheusCells(m)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
		t.Errorf("Prometheus has of %d cells until %s (-weir query +Prometheus):\n%s", len(want), s.told(), diff)
	}
}

// checkAlerts: InfluxDB has the alerts that the collector has.
func checkAlerts(t *testing.T, db influxDB, s *scenario) {
	t.Helper()
	want, got := s.alerts(), map[string]string{}
	for _, list := range db.query("SELECT id, title, detector FROM weir_alert WHERE \"change\" = 'raised'") {
		for _, row := range list.Values {
			got[text(row[1])] = text(row[3])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("alerts (-weir alerts +InfluxDB):\n%s", diff)
	}
}
