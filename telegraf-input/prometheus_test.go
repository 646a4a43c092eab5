package telegraf_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// monitoring is a Prometheus and an Alertmanager that run with the shipped files.
type monitoring struct {
	t      *testing.T
	url    string
	target string // where Telegraf is to listen

	mu  sync.Mutex
	got []notification // by the receivers
}

// notification is what a receiver of Alertmanager gets.
type notification struct {
	Receiver string
	Alerts   []struct {
		Status string
		Labels map[string]string
	}
}

func startMonitoring(t *testing.T) *monitoring {
	t.Helper()
	m := &monitoring{t: t, target: freeTCP(t)}
	receivers := httptest.NewServer(http.HandlerFunc(m.receive))
	t.Cleanup(receivers.Close)
	dir, alertmanager, prometheus := t.TempDir(), freeTCP(t), freeTCP(t)
	write(t, filepath.Join(dir, "alertmanager.yml"), shipped(t, "alerting/alertmanager.yml",
		"http://127.0.0.1:8080", receivers.URL, "group_wait: 5s", "group_wait: 10ms", "group_interval: 1m", "group_interval: 200ms", "group_interval: 5m", "group_interval: 200ms"))
	server(t, "http://"+alertmanager+"/-/ready", "prometheus-alertmanager", "--config.file="+filepath.Join(dir, "alertmanager.yml"),
		"--storage.path="+filepath.Join(dir, "alertmanager"), "--web.listen-address="+alertmanager, "--cluster.listen-address=", "--log.level=warn")
	write(t, filepath.Join(dir, "weir-rules.yml"), read(t, "alerting/weir-rules.yml"))
	write(t, filepath.Join(dir, "prometheus.yml"), shipped(t, "alerting/prometheus.yml",
		"15s", "250ms", "127.0.0.1:9093", alertmanager, "127.0.0.1:9273", m.target))
	server(t, "http://"+prometheus+"/-/ready", "prometheus", "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "prometheus"), "--web.listen-address="+prometheus, "--log.level=warn")
	m.url = "http://" + prometheus
	return m
}

func (m *monitoring) receive(_ http.ResponseWriter, r *http.Request) {
	var n notification
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		m.t.Error(err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got = append(m.got, n)
}

// notified tells whether a receiver has been told of an alert with such labels.
func (m *monitoring) notified(receiver, status string, labels map[string]string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.got {
		for _, a := range n.Alerts {
			if n.Receiver == receiver && a.Status == status && contains(a.Labels, labels) {
				return true
			}
		}
	}
	return false
}

func contains(have, want map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

// sample is a row of an instant's answer.
type sample struct {
	Metric map[string]string
	Value  [2]any // time, number as text
}

func (s sample) number() float64 {
	text, _ := s.Value[1].(string)
	n, _ := strconv.ParseFloat(text, 64)
	return n
}

// query asks in PromQL for what is so now.
func (m *monitoring) query(q string) []sample {
	m.t.Helper()
	var answer struct {
		Data struct{ Result []sample }
	}
	ask(m.t, m.url+"/api/v1/query", map[string]string{"query": q}, &answer)
	return answer.Data.Result
}

// rule returns the expression of a rule as Prometheus has read it, and the labels of the alerts that fire.
func (m *monitoring) rule(name string) (expr string, firing []map[string]string) {
	m.t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name, Query, Health, LastError string
					Alerts                         []struct {
						State  string
						Labels map[string]string
					}
				}
			}
		}
	}
	ask(m.t, m.url+"/api/v1/rules", nil, &answer)
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Health == "err" {
				m.t.Errorf("rule %s: %s", r.Name, r.LastError)
			}
			if r.Name != name {
				continue
			}
			expr = r.Query
			for _, a := range r.Alerts {
				if a.State == "firing" {
					firing = append(firing, a.Labels)
				}
			}
		}
	}
	if strings.TrimSpace(expr) == "" {
		m.t.Fatalf("no rule %s", name)
	}
	return expr, firing
}

// prometheusCells returns the bytes and flows that counters have come to by direction, protocol and service.
func prometheusCells(m *monitoring) map[cell]amounts {
	m.t.Helper()
	list := map[cell]amounts{}
	for i, name := range []string{"weir_traffic_total_bytes", "weir_traffic_total_flows"} {
		for _, s := range m.query("sum by (direction, protocol, service) (" + name + ")") {
			c := cell{"", s.Metric["direction"], s.Metric["protocol"], s.Metric["service"]}
			a := list[c]
			a[i] = s.number()
			list[c] = a
		}
	}
	return list
}
