//go:build cgo

package plugin_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/weirflow/weir/grafana-datasource/internal/weirtest"
	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// process is the executable, started as Grafana starts it, with a client for each of its services.
type process struct {
	data        grpcplugin.DataClient
	diagnostics grpcplugin.DiagnosticsClient
	resource    grpcplugin.ResourceClient
	stream      grpcplugin.StreamClient
	pid         int
}

// start starts the executable with the handshake, protocol and services that Grafana's plugin manager uses.
func start(t *testing.T) *process {
	t.Helper()
	services := goplugin.PluginSet{
		"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{}, "resource": &grpcplugin.ResourceGRPCPlugin{},
		"data": &grpcplugin.DataGRPCPlugin{}, "stream": &grpcplugin.StreamGRPCPlugin{},
	}
	cmd := exec.Command(lab.plugin(t))
	cmd.Env = []string{"GF_VERSION=11.0.0"} // Grafana passes on nothing of its own environment
	client := goplugin.NewClient(&goplugin.ClientConfig{
		Cmd: cmd, HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: grpcplugin.ProtocolVersion, MagicCookieKey: grpcplugin.MagicCookieKey, MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: services},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, SkipHostEnv: true, StartTimeout: time.Minute,
		Logger: hclog.New(&hclog.LoggerOptions{Output: io.Discard}),
	})
	t.Cleanup(client.Kill)
	rpc, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{pid: cmd.Process.Pid}
	for name, take := range map[string]func(any) bool{
		"data":        func(v any) (ok bool) { p.data, ok = v.(grpcplugin.DataClient); return ok },
		"diagnostics": func(v any) (ok bool) { p.diagnostics, ok = v.(grpcplugin.DiagnosticsClient); return ok },
		"resource":    func(v any) (ok bool) { p.resource, ok = v.(grpcplugin.ResourceClient); return ok },
		"stream":      func(v any) (ok bool) { p.stream, ok = v.(grpcplugin.StreamClient); return ok },
	} {
		service, err := rpc.Dispense(name)
		if err != nil || !take(service) {
			t.Fatalf("%s: %T, %v", name, service, err)
		}
	}
	return p
}

// contextOf is what Grafana says with each call: which data source it is for, with its settings.
func contextOf(settings backend.DataSourceInstanceSettings) backend.PluginContext {
	return backend.PluginContext{Namespace: "default", PluginID: plugin.ID, DataSourceInstanceSettings: &settings, User: &backend.User{Login: "viewer", Role: "Viewer"}}
}

// TestExecutable: the executable, started as Grafana starts it, answers.
func TestExecutable(t *testing.T) {
	c := collector(t)
	p := start(t)
	of := contextOf(settingsOf(c.URL, "{}", nil))
	t.Run("QueryData", func(t *testing.T) {
		req := requestOf(goldens[1].query, hour)
		req.PluginContext = of
		got, err := p.data.QueryData(t.Context(), backend.ToProto().QueryDataRequest(req))
		if err != nil {
			t.Fatal(err)
		}
		res, err := backend.FromProto().QueryDataResponse(got)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, goldens[1].name, res.Responses["A"])
	})
	t.Run("CheckHealth", func(t *testing.T) {
		res, err := p.diagnostics.CheckHealth(t.Context(), &pluginv2.CheckHealthRequest{PluginContext: backend.ToProto().PluginContext(of)})
		if err != nil || res.Status != pluginv2.CheckHealthResponse_OK || !strings.Contains(res.Message, "since 2026-03-02 22:50 UTC") {
			t.Errorf("%v, %v", res, err)
		}
	})
	t.Run("CallResource", func(t *testing.T) {
		const body = `{"field":"network.transport","range":{"from":"2026-03-02T00:00:00Z","to":"2026-03-02T01:00:00Z"}}`
		got, err := p.resource.CallResource(t.Context(), backend.ToProto().CallResourceRequest(&backend.CallResourceRequest{
			PluginContext: of, Path: "variable", URL: "variable", Method: http.MethodPost, Body: []byte(body),
		}))
		if err != nil {
			t.Fatal(err)
		}
		res, err := got.Recv()
		if want := `[{"text":"udp","value":"udp"},{"text":"tcp","value":"tcp"},{"text":"icmp","value":"icmp"}]`; err != nil || res.Code != http.StatusOK || string(res.Body) != want {
			t.Errorf("%v, %v", res, err)
		}
	})
}

// TestExecutableStreams: an alert that a collector raises while a panel is open comes through the executable.
func TestExecutableStreams(t *testing.T) {
	collector(t) // builds weir
	other, err := weirtest.Start(t.Context(), lab.weir, t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Stop()
	p := start(t)
	of := contextOf(settingsOf(other.URL, "{}", nil))
	asked := requestOf(`{"queryType":"alerts","minSeverity":60,"live":true}`, backend.TimeRange{From: time.Now().Add(-time.Hour), To: time.Now()})
	channel := must(t, source(t, other.URL), string(asked.Queries[0].JSON), asked.Queries[0].TimeRange).Frames[0].Meta.Channel
	path, ok := strings.CutPrefix(channel, "ds/weir/")
	if !ok {
		t.Fatal(channel)
	}
	granted, err := p.stream.SubscribeStream(t.Context(), &pluginv2.SubscribeStreamRequest{PluginContext: backend.ToProto().PluginContext(of), Path: path})
	if err != nil || granted.Status != pluginv2.SubscribeStreamResponse_OK {
		t.Fatalf("%v, %v", granted, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	changes, err := p.stream.RunStream(ctx, &pluginv2.RunStreamRequest{PluginContext: backend.ToProto().PluginContext(of), Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Followed(t.Context()); err != nil {
		t.Fatal(err)
	}
	capture, err := other.Generate(t.Context(), weirtest.Scenario{Name: "flood", Args: []string{"--seed", "4", "--scale", "0.05", "--hosts", "15"}}, "flood")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Run(t.Context(), "send", capture, "--to", other.UDP, "--speed", "max"); err != nil {
		t.Fatal(err)
	}
	packet, err := changes.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var f data.Frame
	if err := json.Unmarshal(packet.Data, &f); err != nil {
		t.Fatal(err)
	}
	title, _ := f.FieldByName("title")
	if title == nil || title.Len() != 1 || !strings.Contains(title.At(0).(string), "172.16.20.80") {
		t.Errorf("%s", packet.Data)
	}
}
