//go:build cgo

package plugin_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// process is the executable, started as Grafana starts it, with a client for each of its services.
type process struct {
	data        grpcplugin.DataClient
	diagnostics grpcplugin.DiagnosticsClient
	resource    grpcplugin.ResourceClient
	stream      grpcplugin.StreamClient
}

// executable builds the plugin as it is shipped: without cgo.
func executable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gpx_weir_flow_datasource")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/weirflow/weir/grafana-datasource/pkg")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// start starts the executable with the handshake, protocol and services that Grafana's plugin manager uses.
func start(t *testing.T) *process {
	t.Helper()
	services := goplugin.PluginSet{
		"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{}, "resource": &grpcplugin.ResourceGRPCPlugin{},
		"data": &grpcplugin.DataGRPCPlugin{}, "stream": &grpcplugin.StreamGRPCPlugin{},
	}
	cmd := exec.Command(executable(t))
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
	p := &process{}
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
	return backend.PluginContext{OrgID: 1, PluginID: plugin.ID, DataSourceInstanceSettings: &settings, User: &backend.User{Login: "viewer", Role: "Viewer"}}
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
}
