package daemon_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/durable"
)

// unreachable is a client of a server that is not there.
func unreachable(t *testing.T) *client.Client {
	t.Helper()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c, err := client.New(client.Config{Nodes: []string{gone.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// TestMetrics: counters of receivers, pipeline and sink are shown to this machine, and probes are answered, also while the cluster is away.
func TestMetrics(t *testing.T) {
	d, err := daemon.New(daemon.Config{Config: settings(t.TempDir(), "127.0.0.1:0", "http://127.0.0.1:1", "metrics")}, daemon.Deps{Server: unreachable(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := newExporter(t, d.Sockets()[0].Address.String())
	e.announce()
	e.send(10)
	ask := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(path, host string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, "http://"+d.Metrics().String()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := ask.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for _, c := range []struct {
		path, host string
		status     int
		says       string
	}{
		{"/healthz", "", http.StatusOK, "ok"}, {"/readyz", "localhost", http.StatusOK, "ready"}, {"/metrics", "", http.StatusOK, "weir_elastic_waiting_documents"},
		{"/metrics", "rebound.example.net", http.StatusMisdirectedRequest, "api.hosts"}, {"/api/v1/query", "", http.StatusNotFound, ""},
	} {
		if status, body := get(c.path, c.host); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s of %q: %d %s", c.path, c.host, status, body)
		}
	}
	_, text := get("/metrics", "")
	for _, name := range []string{"weir_kernel_drops_total{", "weir_socket_datagrams_total{", "weir_pipeline_queued_sink_batches ", "weir_detect_records_total ", "weir_sessions ", "weir_elastic_delivered_total 0", "go_goroutines "} {
		if !strings.Contains(text, "\n"+name) {
			t.Errorf("no %s among\n%s", name, text)
		}
	}
	if err := d.Stop(); err != nil {
		t.Error(err)
	}
	if d.Stats().Waiting == 0 {
		t.Errorf("%+v", d.Stats())
	}
}

// TestMetricsOfOthers: where other machines would read counters unasked, the daemon does not start.
func TestMetricsOfOthers(t *testing.T) {
	for _, c := range []struct {
		name string
		api  config.API
		says string
	}{
		{"none", config.API{}, ""},
		{"this machine", config.API{Listen: "[::1]:0", Auth: "auto"}, ""},
		{"others", config.API{Listen: ":0", Auth: "auto"}, "knows no tokens"},
		{"others, as is said", config.API{Listen: ":0", Auth: "off"}, ""},
		{"others with certificates", config.API{Listen: ":0", Auth: "auto", TLS: config.APITLS{Cert: "c", Key: "k", ClientCA: "a"}}, ""},
		{"tokens wanted", config.API{Listen: "127.0.0.1:0", Auth: "required"}, "knows no tokens"},
	} {
		cfg := settings(t.TempDir(), "127.0.0.1:0", "http://127.0.0.1:1", "metrics")
		cfg.API = c.api
		_, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{Server: unreachable(t)})
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestOneProcess: two processes do not use the same folder: each would send, and drop, what the other keeps there.
func TestOneProcess(t *testing.T) {
	cfg := settings(t.TempDir(), "127.0.0.1:0", "http://127.0.0.1:1", "one")
	var list []*daemon.Daemon
	for range 2 {
		d, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{Server: unreachable(t)})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	if err := list[0].Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := list[1].Start(t.Context()); !errors.Is(err, durable.ErrLocked) || !strings.Contains(err.Error(), cfg.Data) {
		t.Errorf("the second: %v", err)
	}
	if err := list[0].Stop(); err != nil {
		t.Fatal(err)
	}
	third, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{Server: unreachable(t)})
	if err == nil {
		err = third.Start(t.Context())
	}
	if err == nil {
		err = third.Stop()
	}
	if err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}
