package cim_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/sink/cim"
)

// finding is what an event of an alert says of what is behind it.
type finding struct {
	SignatureID string `json:"signature_id"`
	Change      string `json:"change"`
	Dest        string `json:"dest"`
	SPL         string `json:"spl"`
	From        int64  `json:"window_start"`
}

// TestSearchBehindAnAlert: the search of an alert finds the same flood among flows, sums and sessions.
func TestSearchBehindAnAlert(t *testing.T) {
	p := flood()
	if p.err != nil {
		t.Fatal(p.err)
	}
	found := map[cim.Kind]uint64{}
	for flows, kind := range map[cim.Flows]cim.Kind{cim.FlowsAll: cim.Flow, cim.FlowsAggregated: cim.Traffic, cim.FlowsSessions: cim.Session} {
		var a finding
		for _, ev := range p.books[flows].of(cim.Alert) {
			var one finding
			if err := json.Unmarshal(ev.json, &one); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(one.SignatureID, "dos.reflection.") && one.Change != "raised" {
				a = one // the last: its window is whole
			}
		}
		found[kind] = behind(t, p.books[flows], kind, &a)
	}
	all := found[cim.Flow]
	if all < 1e9 || found[cim.Traffic] != all {
		t.Errorf("bytes behind the alert: %v", found)
	}
	// A session may have what came after the window, and what the victim sent.
	if s := found[cim.Session]; s < all || s > all+all/20 {
		t.Errorf("bytes behind the alert, of sessions: %v", found)
	}
}

// behind returns the bytes of the events that the search of an alert selects.
func behind(t *testing.T, b *book, kind cim.Kind, a *finding) (sum uint64) {
	t.Helper()
	head, terms, _ := strings.Cut(a.SPL, "earliest=")
	_, terms, ok := strings.Cut(terms, " latest=")
	if !ok || head != "`weir_index` sourcetype="+kind.Sourcetype()+" " {
		t.Fatalf("search: %q", a.SPL)
	}
	latest, terms, _ := strings.Cut(terms, " ")
	var to int64
	if err := json.Unmarshal([]byte(latest), &to); err != nil {
		t.Fatal(err)
	}
	for _, ev := range b.of(kind) {
		if ev.time < a.From*1e9 || ev.time >= to*1e9 || !bytes.Contains(ev.json, []byte(`"`+a.Dest+`"`)) {
			continue
		}
		if brief(ev.json).Selects(terms) {
			sum += number(t, ev.json, "bytes")
		}
	}
	return sum
}

// brief is what such a search asks for. Reading the whole of every event would take longest of all.
func brief(raw []byte) filtertest.Event {
	e := filtertest.Event{}
	for _, name := range []string{"src_ip", "dest_ip", "src_port", "dest_port", "transport", "event.start"} {
		if _, rest, has := bytes.Cut(raw, []byte(`,"`+name+`":`)); has {
			e[name] = []string{strings.Trim(string(rest[:bytes.IndexAny(rest, ",}")]), `"`)}
		}
	}
	return e
}
