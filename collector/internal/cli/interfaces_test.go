package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
)

// TestInterfacesCommand: what a replay of sFlow leaves, as text and as JSON; a second replay of the same file changes nothing.
func TestInterfacesCommand(t *testing.T) {
	dir := t.TempDir()
	data, capture := filepath.Join(dir, "data"), filepath.Join(dir, "traffic.pcap")
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--scale", "0.1", "--protocol", "sflow", "--sampling", "5000", "--out", dir)
	must(t, "replay", capture, "--data", data)
	text := must(t, "interfaces", "--data", data)
	for _, want := range []string{"EXPORTER", "95 %", "198.51.100.1  1      uplink", "1.00 Gbit/s", "up", "sflow", "in ", "out", "Mbit/s"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	points := must(t, "interfaces", "--data", data, "--exporter", "198.51.100.1", "--name", "UPL*", "--interval", "5m")
	if n := strings.Count(points, "uplink"); n < 6 || n > 8 || !strings.Contains(points, "TIME") {
		t.Errorf("%d bins of five minutes in half an hour:\n%s", n, points)
	}
	once := must(t, "interfaces", "--data", data, "--format", "json")
	must(t, "replay", capture, "--data", data)
	if twice := must(t, "interfaces", "--data", data, "--format", "json"); twice != once {
		t.Errorf("replayed again:\n%s\nbefore:\n%s", twice, once)
	}
	list := jsonOf[[]query.Interface](t, once)
	if len(list) < 5 || list[0].Index != 1 || list[0].In.Peak == nil || *list[0].In.Peak < 20e6 || *list[0].Speed != 1e9 {
		t.Errorf("%s", once)
	}
	if none := must(t, "interfaces", "--data", data, "--index", "99"); !strings.Contains(none, "no interfaces in this time") {
		t.Errorf("%s", none)
	}
	if none := must(t, "interfaces", "--data", data, "--index", "0", "--format", "json"); strings.TrimSpace(none) != "[]" {
		t.Errorf("%s", none)
	}
}

func TestInterfacesWrongUse(t *testing.T) {
	for _, c := range [][2]string{
		{"--exporter=router", "exporter"}, {"--interval=90s", "whole minutes"}, {"--interval=1500ms", "whole minutes"}, {"--source=flows", "neither snmp nor sflow"},
		{"--limit=-1", "limit"}, {"--format=xml", "text or json"},
	} {
		code, _, errs := weir(t, "interfaces", "--data", t.TempDir(), c[0])
		if code != command.WrongUse || !strings.Contains(errs, c[1]) {
			t.Errorf("%s: exit %d, %s", c[0], code, errs)
		}
	}
}
