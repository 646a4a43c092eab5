//go:build cgo

package daemon_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces/snmp/snmptest"
	"github.com/weirflow/weir/shared/query"
)

// TestInterfaceNames: a running collector asks an exporter by SNMP as weir.yaml says, and names the interfaces of its records; what
// the user says wins. The flows of the interfaces can be asked for.
func TestInterfaceNames(t *testing.T) {
	agent := snmptest.Start(t)
	agent.Serve(time.Hour,
		snmptest.Interface{Index: 1, Descr: "one", Name: "ge-0/0/1", Alias: "uplink", Speed: 1e9, Admin: 1, Oper: 1, Bits: 64},
		snmptest.Interface{Index: 2, Descr: "two", Name: "ge-0/0/2", Speed: 1e9, Admin: 1, Oper: 1, Bits: 64})
	t.Setenv("WEIR_TEST_COMMUNITY", snmptest.Community)
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.Exporters = []config.Exporter{{
		Match: netip.MustParsePrefix("127.0.0.2/32"), Interfaces: []config.Interface{{Index: 2, Name: "inside"}},
		SNMP: &config.SNMP{
			Version: "2c", Address: agent.Address, Community: config.Secret{Env: "WEIR_TEST_COMMUNITY"}, Interval: 5 * time.Second, Timeout: 2 * time.Second, Retries: 5, Repetitions: 10,
		},
	}}
	d := start(t, cfg)
	await(t, func() bool {
		_, text := get(t, cfg.Data, "/metrics")
		return strings.Contains(text, "weir_snmp_samples_total 2")
	})
	feed(t, d, benchDatagrams(t, 3))
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := d.Store().Records(t.Context(), query.Question{Filter: "observer.ingress.interface.name : ge-0/0/1 and observer.egress.interface.name : inside"})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Records) == 0 {
		all, _ := d.Store().Records(t.Context(), query.Question{})
		t.Fatalf("no record has the names: %s", flow.AppendJSON(nil, flow.NewRegistry(), all, &all.Records[0]))
	}
	if err := d.Stop(); err != nil { // tells what is left
		t.Fatal(err)
	}
	d = start(t, testConfig(cfg.Data, anyPort))
	list, err := d.Store().Interfaces(t.Context(), query.InterfaceQuestion{Exporter: "127.0.0.2"})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "ge-0/0/1" || list[0].Alias != "uplink" || list[1].Name != "inside" || list[0].In.Flow.Bytes == 0 || list[1].Out.Flow.Bytes == 0 {
		t.Errorf("%+v", list)
	}
}
