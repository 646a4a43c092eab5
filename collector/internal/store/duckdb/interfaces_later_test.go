//go:build cgo

package duckdb

import (
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

var two = time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)

// minuteOf is a minute of something with the number 7, after two o'clock.
func minuteOf(kind interfaces.Kind, minute int, octets float64) interfaces.Minute {
	m := interfaces.Minute{
		Exporter: flow.AddrFrom4(0xc0000201), Kind: kind, Index: 7, At: two.Add(time.Duration(minute) * time.Minute).UnixNano(), Source: interfaces.SFlow, Run: 1, Seconds: 60,
		In: interfaces.Amounts{Octets: octets}, Out: interfaces.Amounts{Octets: interfaces.Unknown},
	}
	switch kind {
	case interfaces.KindInterface:
		m.Ethernet = &interfaces.EthernetErrors{FCS: octets / 2, Symbol: interfaces.Unknown}
	case interfaces.KindProcessor:
		m.In.Octets = interfaces.Unknown
		load := interfaces.Gauge{Mean: octets / 1000, Peak: octets / 500}
		m.Gauges = &interfaces.Gauges{Samples: 2, Load5s: load, Load1m: load, Load5m: load, Memory: 1e9, FreeMemory: interfaces.Unknown}
	}
	return m
}

func reopen(t *testing.T, cfg store.Config, list ...interfaces.Minute) *Store {
	t.Helper()
	s, err := Open(t.Context(), cfg, store.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if len(list) == 0 {
		return s
	}
	if err := s.WriteInterfaces(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func only(t *testing.T, s *Store, kind string) query.Interface {
	t.Helper()
	list, err := s.Interfaces(t.Context(), query.InterfaceQuestion{Kind: kind})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d of %s, %v", len(list), kind, err)
	}
	return list[0]
}

// TestKindsSurvive: what was told last of an interface, a VLAN and a processor of the same number is there after a restart, each apart.
func TestKindsSurvive(t *testing.T) {
	dir := t.TempDir()
	all := func(octets float64) []interfaces.Minute {
		return []interfaces.Minute{minuteOf(interfaces.KindInterface, 0, octets), minuteOf(interfaces.KindVLAN, 0, octets*10), minuteOf(interfaces.KindProcessor, 0, octets)}
	}
	s := reopen(t, store.Config{Dir: dir}, all(10)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, store.Config{Dir: dir}, all(100)...)
	port, vlan, cpu := only(t, s, ""), only(t, s, "vlan"), only(t, s, "processor")
	if *port.In.Bytes != 100 || *port.Ethernet.FCS != 50 || port.Ethernet.Symbol != nil || port.Use != nil {
		t.Errorf("%+v", port)
	}
	if *vlan.In.Bytes != 1000 || vlan.Ethernet != nil || vlan.Out.Bytes != nil {
		t.Errorf("%+v", vlan)
	}
	if *cpu.Use.Load5s.Avg != 0.1 || *cpu.Use.Load5m.Peak != 0.2 || *cpu.Use.Memory != 1e9 || cpu.Use.FreeMemory != nil || cpu.In.Bytes != nil {
		t.Errorf("%+v", cpu.Use)
	}
	if newest, err := s.NewestMinute(t.Context()); err != nil || !newest.Equal(two.Add(time.Minute)) {
		t.Errorf("%s, %v", newest, err)
	}
}

// TestInterfacesOfEarlierVersion: a folder whose table lacks columns is read as it is, and gets them when it is opened for writing.
func TestInterfacesOfEarlierVersion(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, store.Config{Dir: dir}, minuteOf(interfaces.KindInterface, 0, 10))
	s.writer.mu.Lock()
	for _, column := range laterColumns() {
		if err := s.writer.conn.exec(t.Context(), "ALTER TABLE interfaces DROP COLUMN "+column[0]); err != nil {
			t.Fatal(err)
		}
	}
	s.writer.mu.Unlock()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, store.Config{Dir: dir, ReadOnly: true})
	if port := only(t, s, "interface"); *port.In.Bytes != 10 || port.Ethernet != nil || port.In.Flow.Error != nil {
		t.Errorf("read only: %+v", port)
	}
	if list, err := s.Interfaces(t.Context(), query.InterfaceQuestion{Kind: "vlan"}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, store.Config{Dir: dir}, minuteOf(interfaces.KindInterface, 1, 5), minuteOf(interfaces.KindVLAN, 1, 7))
	if port, vlan := only(t, s, ""), only(t, s, "vlan"); *port.In.Bytes != 15 || *port.Ethernet.FCS != 2.5 || *vlan.In.Bytes != 7 {
		t.Errorf("%+v\n%+v", port, vlan)
	}
}
