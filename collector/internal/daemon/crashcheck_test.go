//go:build cgo

package daemon_test

import (
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// checkCrash holds what is stored and the accounts to what was sent.
func checkCrash(t *testing.T, data string, l *load) {
	t.Helper()
	s, err := duckdb.Open(t.Context(), store.Config{Dir: data, ReadOnly: true, MemoryLimit: 2 << 30}, store.Deps{}) // to count identities
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list, err := s.Exporters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(l.exporters) {
		t.Errorf("%d accounts, want %d", len(list), len(l.exporters))
	}
	flows := countBy(t, s)
	for _, e := range l.exporters {
		checkAccount(t, e, e.account(list), flows[e.ip])
	}
	all, distinct := total(t, s, query.Question{Measure: query.Flows}), total(t, s, query.Question{Measure: query.Distinct, Field: "event.id"})
	if all != distinct || all == 0 {
		t.Errorf("%d records with %d identities", all, distinct)
	}
}

// checkAccount holds an exporter's account to what it sent and to what is stored.
func checkAccount(t *testing.T, e *loadExporter, a query.Exporter, stored uint64) {
	t.Helper()
	dropped, aside, expired := sum(a.Dropped), sum(a.SetAside), sum(a.SetsExpired)
	t.Logf("%s %s: %d records sent = %d stored + %d missing + %d dropped", e.ip, e.protocol, e.records(), stored, e.missing(a), dropped)
	if got := stored + e.missing(a) + dropped; got != e.records() {
		t.Errorf("%s: %d records sent, but %d stored, missing or dropped", e.ip, e.records(), got)
	}
	if a.Stored+aside != stored || a.AlreadyStored != 0 {
		t.Errorf("%s: %d records, but the account has %d, %d set aside, %d already stored", e.ip, stored, a.Stored, aside, a.AlreadyStored)
	}
	if a.Records != a.Stored+a.AlreadyStored+aside+dropped || a.InFlight != 0 {
		t.Errorf("%s: records do not add up: %+v", e.ip, a)
	}
	if a.Datagrams != a.Decoded+sum(a.Refused) || sum(a.Refused) != 0 {
		t.Errorf("%s: datagrams do not add up: %+v", e.ip, a)
	}
	if a.Sets != a.SetsDecoded+expired || a.Waiting != 0 || expired != 0 {
		t.Errorf("%s: sets do not add up, or want for templates: %+v", e.ip, a)
	}
	if sent := e.data + e.templates; e.protocol == encode.NetFlow9 && a.Decoded+a.Gaps != sent {
		t.Errorf("%s: %d datagrams sent, but %d decoded and %d missing", e.ip, sent, a.Decoded, a.Gaps)
	}
	if a.Reordered != 0 || a.Restarts != 0 || sum(a.Errors) != 0 {
		t.Errorf("%s: reordered, restarted or malformed: %+v", e.ip, a)
	}
}

// checkKept holds what is stored to the accounts that were committed with it, when a daemon has just started for the nth time.
func checkKept(t *testing.T, data string, n int) {
	t.Helper()
	client, err := query.NewClient(query.ClientConfig{Socket: filepath.Join(data, daemon.SocketName)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	flows := countBy(t, client)
	for _, a := range askExporters(t, data) {
		if got := a.Stored + sum(a.SetAside); got != flows[a.IP] {
			t.Errorf("start %d: %s: %d records, but the account has %d", n, a.IP, flows[a.IP], got)
		}
	}
}

func sum(reasons map[string]uint64) (n uint64) {
	for _, k := range reasons {
		n += k
	}
	return n
}

// countBy returns the number of records of each exporter, impossible ones included.
func countBy(t *testing.T, s query.Engine) map[string]uint64 {
	t.Helper()
	counts := map[string]uint64{}
	for _, invalid := range []bool{false, true} {
		r, err := s.Aggregate(t.Context(), query.Question{By: []string{"observer.ip"}, Measure: query.Flows, AllCopies: true, Invalid: invalid})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range r.Rows {
			counts[row[0].(string)] += row[1].(uint64)
		}
	}
	return counts
}

// total answers a question for one number over all copies.
func total(t *testing.T, s *duckdb.Store, q query.Question) uint64 {
	t.Helper()
	q.AllCopies = true
	r, err := s.Aggregate(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if r.Exactness != query.Exact {
		t.Errorf("%s is %s", q.Measure, r.Exactness)
	}
	return r.Rows[0][0].(uint64)
}
