//go:build cgo

package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
)

// folderToSeal is a folder of records to which captures are added.
type folderToSeal struct {
	t    *testing.T
	data string
	seed int
}

// add replays another capture, which is not sealed then, and returns how many records there are.
func (f *folderToSeal) add() (records int) {
	f.t.Helper()
	f.seed++
	dir := f.t.TempDir()
	must(f.t, "gen", "flood", "--hosts", "5", "--seed", fmt.Sprint(f.seed), "--out", dir)
	must(f.t, "replay", filepath.Join(dir, "traffic.pcap"), "--data", f.data)
	return f.count()
}

func (f *folderToSeal) count() int {
	f.t.Helper()
	r := jsonOf[struct{ Rows [][]float64 }](f.t, must(f.t, "query", "--data", f.data, "--measure", "flows", "--all-copies", "--format", "json"))
	return int(r.Rows[0][0])
}

// run starts a collector on the folder.
func (f *folderToSeal) run() (url string, stop func()) {
	f.t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.API.Listen = f.data, []string{"127.0.0.1:0"}, freeTCP(f.t)
	d, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{})
	if err != nil {
		f.t.Fatal(err)
	}
	if err := d.Start(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	return "http://" + cfg.API.Listen, func() {
		if err := d.Stop(); err != nil {
			f.t.Error(err)
		}
	}
}

// check wants everything sealed, by what a command printed, and counts again.
func (f *folderToSeal) check(printed string, records int) {
	f.t.Helper()
	if !strings.HasPrefix(printed, fmt.Sprintf("%d records and ", records)) {
		f.t.Errorf("%q, want %d records", printed, records)
	}
	if n := f.count(); n != records {
		f.t.Errorf("%d records, %d before", n, records)
	}
}

// TestSeal: the folder of a stopped collector is sealed by the command itself, that of a running one by its socket, another's by its URL.
func TestSeal(t *testing.T) {
	f := &folderToSeal{t: t, data: filepath.Join(t.TempDir(), "data")}
	records := f.add()
	f.check(must(t, "seal", "--data", f.data), records)

	records = f.add()
	_, stop := f.run()
	f.check(must(t, "seal", "--data", f.data), records)
	stop()

	records = f.add()
	admin := strings.TrimSpace(must(t, "token", "create", "ops", "--scope", "admin", "--data", f.data))
	reader := strings.TrimSpace(must(t, "token", "create", "eye", "--data", f.data))
	url, stop := f.run()
	defer stop()
	for token, says := range map[string]string{"": "a token with the scope admin is needed", reader: "the token eye has the scope read, and admin is needed"} {
		t.Setenv(tokenVariable, token)
		if code, out, errs := weir(t, "seal", "--url", url); code != command.Failed || out != "" || !strings.Contains(errs, says) {
			t.Errorf("exit %d, %s%s; want %q", code, out, errs, says)
		}
	}
	f.check(must(t, "seal", "--url", url, "--token", admin), records)
}

// TestSealInVain: where nothing can be sealed it is said why, and no folder is made.
func TestSealInVain(t *testing.T) {
	held, empty := t.TempDir(), t.TempDir()
	st, err := duckdb.Open(t.Context(), duckdb.Config{Dir: held}, duckdb.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"a folder without data", []string{"--data", empty}, command.Failed, "holds no data of weir"},
		{"a folder that is not there", []string{"--data", filepath.Join(empty, "no")}, command.Failed, "holds no data of weir"},
		{"one that a replay has open", []string{"--data", held}, command.Failed, "another process uses this data folder"},
		{"Elasticsearch", []string{"--url", "elastic+https://es.example.net:9200/weir"}, command.WrongUse, "name a collector"},
		{"nobody there", []string{"--url", "http://" + freeTCP(t)}, command.Failed, "ask collector"},
	} {
		if code, out, errs := weir(t, append([]string{"seal"}, c.args...)...); code != c.code || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, %s%s", c.name, code, out, errs)
		}
	}
	if list, err := filepath.Glob(filepath.Join(empty, "*")); err != nil || len(list) > 0 {
		t.Errorf("made %v, %v", list, err)
	}
}
