package oracle

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// facts are what options data told: intervals by sampler, names by application id and by interface.
type facts struct {
	Samplers     map[string]float64 `json:"samplers"`
	Applications map[string]string  `json:"applications"`
	Interfaces   map[string]string  `json:"interfaces"`
}

func newFacts() facts {
	return facts{map[string]float64{}, map[string]string{}, map[string]string{}}
}

// weirFacts are what Weir has learned of a capture, of all streams together.
func weirFacts(t *testing.T, list []datagram) facts {
	d := decode.New(decode.Config{}, decode.Deps{Account: flow.NewAccount(), Symbols: flow.NewSymbols()})
	b := flow.NewBatch(64, flow.NewSymbols())
	for i, dg := range list {
		b.Reset()
		_ = d.Decode(dg.payload, dg.source, int64(i), b)
	}
	var saved bytes.Buffer
	if err := d.Save(&saved); err != nil {
		t.Fatal(err)
	}
	var state struct {
		Streams []struct {
			State facts `json:"state"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(saved.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	all := newFacts()
	for _, s := range state.Streams {
		maps.Copy(all.Samplers, s.State.Samplers)
		maps.Copy(all.Applications, s.State.Applications)
		maps.Copy(all.Interfaces, s.State.Interfaces)
	}
	return all
}

// learn takes from a record of tshark's what it tells.
func (f facts) learn(record node) {
	value := func(names ...string) (uint64, bool) {
		n := child(record, names...)
		return valueOf(n), n.Value != ""
	}
	if sampler, ok := value("cflow.sampler_id"); ok {
		if n, ok := value("cflow.sampler_random_interval", "cflow.sampling_interval"); ok {
			f.Samplers[number(sampler)] = float64(n)
		}
	}
	if selector, ok := value("cflow.appl_id.selector_id"); ok {
		engine, _ := value("cflow.appl_id.classification_engine_id")
		if name := textOf(record, "cflow.appl_name"); name != "" {
			f.Applications[number(engine<<24|selector)] = name
		}
	}
	if index, ok := value("cflow.scope_interface", "cflow.inputint", "cflow.outputint"); ok {
		if name := textOf(record, "cflow.if_name"); name != "" {
			f.Interfaces[number(index)] = name
		}
	}
}

func textOf(record node, name string) string {
	return strings.TrimRight(string(child(record, name).bytes()), "\x00")
}

// TestOptionsTshark compares what options data told with what tshark shows in them.
func TestOptionsTshark(t *testing.T) {
	for _, c := range captures(t) {
		if c.optionsRecords == 0 || tsharkStops[c.name] != "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // most of the time is tshark's start
			want := newFacts()
			for _, record := range dissect(t, pdml(t, c.path)).optionsRecords {
				want.learn(record)
			}
			if diff := cmp.Diff(want, weirFacts(t, c.datagrams(t))); diff != "" {
				t.Errorf("tshark (-) and Weir (+) differ:\n%s", diff)
			}
		})
	}
}
