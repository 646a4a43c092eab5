package filter_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// columns is a store's layout for the tests: names without the dots.
func columns(f *flow.Field) []filter.Column {
	name := strings.ReplaceAll(strings.TrimPrefix(f.Name, "@"), ".", "_")
	one := func(form filter.Form) []filter.Column { return []filter.Column{{Form: form, Parts: []string{name}}} }
	switch f.Name {
	case "related.port":
		return []filter.Column{{Form: filter.FormUint, Parts: []string{"source_port"}}, {Form: filter.FormUint, Parts: []string{"destination_port"}}}
	case "network.transport":
		return one(filter.FormTransport)
	case "weir.tcp.flags":
		return one(filter.FormFlags)
	case "event.id":
		return []filter.Column{{Form: filter.FormEventID, Parts: []string{"hi", "lo", "set", "rec"}}}
	case "event.created":
		return one(filter.FormTimeNano)
	case "weir.next_hop.ip":
		return nil
	case "source.nat.ip":
		return one(filter.FormAddress) // a part is missing
	}
	switch f.Kind {
	case flow.KindIP:
		return []filter.Column{{Form: filter.FormAddress, Parts: []string{name + "_hi", name + "_lo"}}}
	case flow.KindTime:
		return []filter.Column{{Form: filter.FormTime, Parts: []string{name, name + "_sub"}}}
	case flow.KindObject:
		return one(filter.FormPresence)
	case flow.KindFloat:
		return one(filter.FormFloat)
	case flow.KindInt:
		return one(filter.FormInt)
	case flow.KindMAC:
		return one(filter.FormMAC)
	case flow.KindUint:
		if f.List {
			return one(filter.FormUintList)
		}
		return one(filter.FormUint)
	}
	if f.List {
		return one(filter.FormTextList)
	}
	return one(filter.FormText)
}

func TestSQL(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
	for _, c := range []struct {
		filter, sql string
		args        []any
	}{
		{"", "TRUE", nil},
		{"not *", "NOT coalesce(TRUE, FALSE)", nil},
		{"source.port : 80", "source_port = CAST(? AS UBIGINT)", []any{uint64(80)}},
		{"not source.port : 80", "NOT coalesce(source_port = CAST(? AS UBIGINT), FALSE)", []any{uint64(80)}},
		{"source.port : (80 or 81)", "source_port IN (CAST(? AS UBIGINT), CAST(? AS UBIGINT))", []any{uint64(80), uint64(81)}},
		{"related.port >= 1024", "(source_port >= CAST(? AS UBIGINT) OR destination_port >= CAST(? AS UBIGINT))", []any{uint64(1024), uint64(1024)}},
		{"network.bytes > 18446744073709551614", "network_bytes > CAST(? AS UBIGINT)", []any{"18446744073709551614"}},
		{"weir.clock.offset_ms : -5", "weir_clock_offset_ms = CAST(? AS BIGINT)", []any{int64(-5)}},
		{"weir.sampling.interval < 2.5", "weir_sampling_interval < CAST(? AS DOUBLE)", []any{2.5}},
		{"source.ip : 0.0.0.1", "(source_ip_hi = CAST(? AS UBIGINT) AND source_ip_lo = CAST(? AS UBIGINT))", []any{uint64(0), uint64(0xffff00000001)}},
		{"source.ip : (0.0.0.1 or 0.0.0.2)", "(source_ip_hi = 0 AND source_ip_lo IN (CAST(? AS UBIGINT), CAST(? AS UBIGINT)))", []any{uint64(0xffff00000001), uint64(0xffff00000002)}},
		{"source.ip : 2001:db8::/32", "source_ip_hi BETWEEN CAST(? AS UBIGINT) AND CAST(? AS UBIGINT)", []any{uint64(0x20010db800000000), uint64(0x20010db8ffffffff)}},
		{"source.ip : fe80::/64", "source_ip_hi = CAST(? AS UBIGINT)", []any{"18338657682652659712"}},
		{"source.ip > ::1", "(source_ip_hi > CAST(? AS UBIGINT) OR (source_ip_hi = CAST(? AS UBIGINT) AND source_ip_lo > CAST(? AS UBIGINT)))", []any{uint64(0), uint64(0), uint64(1)}},
		{"event.end >= 2026-03-02T08:15:00Z", "event_end >= ?", []any{at}},
		{"event.end >= 2026-03-02T08:15:00.0000005Z", "(event_end >= ? AND (event_end > ? OR event_end_sub >= CAST(? AS UBIGINT)))", []any{at, at, uint64(500)}},
		{"event.end <= 2026-03-02T08:15:00Z", "(event_end <= ? AND (event_end < ? OR event_end_sub <= CAST(? AS UBIGINT)))", []any{at, at, uint64(0)}},
		{"event.created > 2026-03-02T08:15:00.000000001Z", "event_created > make_timestamp_ns(CAST(? AS BIGINT))", []any{at.UnixNano() + 1}},
		{"network.application : (a or b or c*)", `(network_application LIKE ? ESCAPE '\' OR network_application IN (?, ?))`, []any{"c%", "a", "b"}},
		{`network.application : 100%_\\*`, `network_application LIKE ? ESCAPE '\'`, []any{`100\%\_\\%`}},
		{"weir.source.group : servers", "position(? IN ',' || weir_source_group || ',') > 0", []any{",servers,"}},
		{`weir.source.group : "a,b"`, "FALSE", nil},
		{"weir.source.group : a.b*", "regexp_matches(weir_source_group, ?)", []any{`(^|,)a\.b[^,]*(,|$)`}},
		{"weir.mpls.labels : 16", "position(? IN ',' || weir_mpls_labels || ',') > 0", []any{",16,"}},
		{"weir.mpls.labels < 16", "list_min(CAST(string_split(weir_mpls_labels, ',') AS UBIGINT[])) < CAST(? AS UBIGINT)", []any{uint64(16)}},
		{"weir.tcp.flags : (SYN or ACK)", "(weir_tcp_flags & CAST(? AS USMALLINT)) <> 0", []any{uint64(18)}},
		{"weir.tcp.flags : *", "(weir_tcp_flags & 255) <> 0", nil},
		{"network.transport : udp", "network_transport = CAST(? AS UBIGINT)", []any{uint64(17)}},
		{"network.transport : ud*", "network_transport IN (CAST(? AS UBIGINT), CAST(? AS UBIGINT))", []any{uint64(17), uint64(136)}},
		{"network.transport : x*", "FALSE", nil},
		{"source.mac : 00-00-00-00-00-10", "source_mac = CAST(? AS UBIGINT)", []any{uint64(16)}},
		{"event.id : 00000000000000010000000000000002-3-4", "(hi = CAST(? AS UBIGINT) AND lo = CAST(? AS UBIGINT) AND set = CAST(? AS UBIGINT) AND rec = CAST(? AS UBIGINT))", []any{uint64(1), uint64(2), uint64(3), uint64(4)}},
		{"weir.elements : *", "weir_elements IS NOT NULL", nil},
	} {
		n, err := filter.Parse(c.filter, flow.NewRegistry())
		if err != nil {
			t.Errorf("%s: %v", c.filter, err)
			continue
		}
		sql, args, err := filter.SQL(n, columns)
		if err != nil || sql != c.sql || !reflect.DeepEqual(args, c.args) {
			t.Errorf("%s\ngives  %s %v (%v)\nwanted %s %v", c.filter, sql, args, err, c.sql, c.args)
		}
	}
}

func TestSQLRefusesWhatTheStoreLacks(t *testing.T) {
	for text, want := range map[string]string{
		"not weir.next_hop.ip : *":  "does not keep weir.next_hop.ip",
		"source.nat.ip : 192.0.2.1": "needs 2 parts, has 1",
	} {
		n, err := filter.Parse(text, flow.NewRegistry())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := filter.SQL(n, columns); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, wanted %s", text, err, want)
		}
	}
}
