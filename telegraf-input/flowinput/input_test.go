package flowinput

import (
	"io"
	"testing"
	"time"

	"github.com/influxdata/telegraf"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quiet is a logger that logs nothing.
type quiet struct{ telegraf.Logger }

func (quiet) Level() telegraf.LogLevel { return telegraf.None }
func (quiet) Info(...any)              {}
func (quiet) Warn(...any)              {}
func (quiet) Error(...any)             {}

// TestStartsAndStops: an input starts once, stops as often as one likes, and leaves nothing behind.
func TestStartsAndStops(t *testing.T) {
	in := New()
	in.Listen, in.State, in.Log = []string{"127.0.0.1:0"}, t.TempDir(), quiet{}
	if err := in.Init(); err != nil {
		t.Fatal(err)
	}
	if err := in.StartLines(io.Discard, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	if list := in.Address(); len(list) == 0 {
		t.Error("receives nowhere")
	}
	if err := in.Gather(nil); err != nil {
		t.Error(err)
	}
	if err := in.StartLines(io.Discard, nil); err == nil {
		t.Error("started twice")
	}
	in.Stop()
	in.Stop()
}

func TestInitRefuses(t *testing.T) {
	for name, change := range map[string]func(*Input){
		"unknown tag":             func(in *Input) { in.By = []string{"source.ip"} },
		"tag twice":               func(in *Input) { in.By = []string{"exporter", "exporter"} },
		"too many tags":           func(in *Input) { in.By = dimensionNames()[:maxTags+1] },
		"limit of an unknown tag": func(in *Input) { in.Limits = map[string]int{"host": 3} },
		"negative limit":          func(in *Input) { in.Limits = map[string]int{"exporter": -1} },
		"short period":            func(in *Input) { in.Period = Duration(time.Millisecond) },
		"no series":               func(in *Input) { in.MaxSeries = 0 },
		"unknown clock":           func(in *Input) { in.Clock = "sundial" },
		"unknown format":          func(in *Input) { in.Format = "json" },
		"small buffer":            func(in *Input) { in.Buffer = 10 },
		"no address":              func(in *Input) { in.Listen = []string{"nowhere"} },
		"both kinds of settings":  func(in *Input) { in.Config, in.Settings = "weir.yaml", map[string]any{"inside": []any{}} },
		"unknown setting":         func(in *Input) { in.Settings = map[string]any{"insde": []any{"10.0.0.0/8"}} },
		"no such file":            func(in *Input) { in.Config = "/nonexistent/weir.yaml" },
	} {
		t.Run(name, func(t *testing.T) {
			in := New()
			in.Log = quiet{}
			change(in)
			if err := in.Init(); err == nil {
				t.Error("taken")
			}
		})
	}
}
