//go:build cgo

package duckdb_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// TestInterfacesConformance holds the store to the reference.
func TestInterfacesConformance(t *testing.T) {
	conformance.RunInterfaces(t, func(t *testing.T, told [][]interfaces.Minute) query.InterfaceReader {
		s := open(t, store.Config{Dir: t.TempDir()}, store.Deps{})
		for _, list := range told {
			writeMinutes(t, s, list...)
			if err := s.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return s
	})
}

func writeMinutes(t *testing.T, s *duckdb.Store, list ...interfaces.Minute) {
	t.Helper()
	if err := s.WriteInterfaces(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// counted is a minute after noon with octets in.
func counted(run uint64, minute int, octets float64) interfaces.Minute {
	none := interfaces.Amounts{Octets: octets, Unicast: interfaces.Unknown, Multicast: -1, Broadcast: -1, Discards: -1, Errors: 3}
	return interfaces.Minute{
		Exporter: flow.AddrFrom4(0xc0000201), Index: 7, At: noon.Add(time.Duration(minute) * time.Minute).UnixNano(), Source: interfaces.SNMP, Run: run,
		Seconds: 60, In: none, Out: none, Name: "ge-0/0/7", Alias: "uplink", Speed: 1e9, Admin: flow.StatusUp, Oper: flow.StatusDown,
	}
}

// octetsOf asks for the bytes in of the only interface.
func octetsOf(t *testing.T, s *duckdb.Store) float64 {
	t.Helper()
	list, err := s.Interfaces(t.Context(), query.InterfaceQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return 0
	}
	if i := list[0]; len(list) != 1 || i.Name != "ge-0/0/7" || i.Alias != "uplink" || *i.Speed != 1e9 || i.Oper != "down" || i.In.Packets != nil {
		t.Errorf("%+v", list)
	}
	return *list[0].In.Bytes
}

// TestInterfacesSurvive: what was told last of a minute in a run counts, after a restart, too; runs add up.
func TestInterfacesSurvive(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	writeMinutes(t, s, counted(1, 0, 100), counted(1, 1, 100))
	writeMinutes(t, s, counted(1, 0, 150))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir}, store.Deps{})
	writeMinutes(t, s, counted(1, 1, 130), counted(2, 1, 7))
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := octetsOf(t, s); got != 287 {
		t.Errorf("%v bytes", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{})
	if got := octetsOf(t, s); got != 287 {
		t.Errorf("%v bytes, read only", got)
	}
	if err := s.WriteInterfaces(t.Context(), []interfaces.Minute{counted(1, 1, 1)}); err == nil {
		t.Error("written to a folder that is open for reading")
	}
}

// TestInterfacesExpire: minutes go with retention, by when they were stored.
func TestInterfacesExpire(t *testing.T) {
	clock := newClock(noon)
	s := open(t, store.Config{Dir: t.TempDir(), Retention: 24 * time.Hour}, store.Deps{Now: clock.now})
	writeMinutes(t, s, counted(1, 0, 100))
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.add(20 * time.Hour)
	writeMinutes(t, s, counted(1, 1, 11))
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.add(10 * time.Hour)
	for deadline := time.Now().Add(20 * time.Second); octetsOf(t, s) != 11; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%v bytes", octetsOf(t, s))
		}
	}
}

// TestInterfacesAfterKill: what was committed is there when the process ends without closing the folder.
func TestInterfacesAfterKill(t *testing.T) {
	dir, killed := t.TempDir(), t.TempDir()
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	writeMinutes(t, s, counted(1, 0, 100))
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	writeMinutes(t, s, counted(1, 1, 50)) // not committed
	for _, name := range []string{store.FileName, store.FileName + ".wal"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(killed, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, store.Config{Dir: killed}, store.Deps{})
	if got := octetsOf(t, again); got != 100 {
		t.Errorf("%v bytes", got)
	}
}
