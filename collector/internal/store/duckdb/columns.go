//go:build cgo

package duckdb

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// FilterSQL translates a filter on records or on sessions into a condition over the store's columns, with its parameters, as
// questions do.
func FilterSQL(n filter.Node, sessions bool) (text string, args []any, err error) {
	if sessions {
		return filter.SQL(n, sessionColumnsOf)
	}
	return filter.SQL(n, columnsOf)
}

// columnsOf says where the store keeps a field; none for fields of sessions.
func columnsOf(f *flow.Field) []filter.Column {
	column := strings.ReplaceAll(f.Name, ".", "_")
	one := func(form filter.Form, parts ...string) []filter.Column {
		return []filter.Column{{Form: form, Parts: parts}}
	}
	if parts, ok := derivedColumns[f.Name]; ok {
		return one(filter.FormUint, parts)
	}
	switch f.Name {
	case "@timestamp":
		return one(filter.FormTime, "event_end", "coalesce(event_end_sub, 0)")
	case "event.id":
		return one(filter.FormEventID, "dg_hi", "dg_lo", "set_no", "rec_no")
	case "weir.duplicate_of":
		return one(filter.FormEventID, "dup_hi", "dup_lo", "dup_set", "dup_rec")
	case "event.created":
		return one(filter.FormTimeNano, column)
	case "network.transport":
		return one(filter.FormTransport, "network_iana_number")
	case "weir.tcp.flags":
		return one(filter.FormFlags, "weir_tcp_flags_bits")
	case "weir.mpls.labels":
		return one(filter.FormUintList, column)
	case "weir.elements":
		return one(filter.FormPresence, otherElements)
	case "related.ip":
		return append(one(filter.FormAddress, "source_ip_hi", "source_ip_lo"), one(filter.FormAddress, "destination_ip_hi", "destination_ip_lo")...)
	case "related.port":
		return append(one(filter.FormUint, "source_port"), one(filter.FormUint, "destination_port")...)
	}
	if f.Scope != flow.ScopeRecord {
		return nil
	}
	return plainColumn(f, column)
}

// derivedColumns are the expressions for counters that are stored only where they differ from what follows from others.
var derivedColumns = map[string]string{
	"source.bytes": store.SourceBytes, "source.packets": store.SourcePackets,
	"weir.raw.bytes": store.RawBytes, "weir.raw.packets": store.RawPackets,
}

// otherElements is NULL where a record has no elements but labels of MPLS, which have a field of their own: each takes 12 bytes.
const otherElements = "nullif(octet_length(weir_elements) > 12 * coalesce(len(string_split(weir_mpls_labels, ',')), 0), FALSE)"

func plainColumn(f *flow.Field, column string) []filter.Column {
	form := map[flow.Kind]filter.Form{
		flow.KindUint: filter.FormUint, flow.KindInt: filter.FormInt, flow.KindFloat: filter.FormFloat, flow.KindMAC: filter.FormMAC,
		flow.KindKeyword: filter.FormText, flow.KindObject: filter.FormPresence, flow.KindTime: filter.FormTime, flow.KindIP: filter.FormAddress,
	}[f.Kind]
	parts := []string{column}
	switch {
	case f.Kind == flow.KindTime:
		parts = append(parts, "coalesce("+column+"_sub, 0)")
	case f.Kind == flow.KindIP:
		parts = []string{column + "_hi", column + "_lo"}
	case f.List:
		form = filter.FormTextList
	}
	return []filter.Column{{Form: form, Parts: parts}}
}

// recordColumns is the list of columns to select for whole records, with derived counters filled in.
func recordColumns() string {
	var list []string
	for _, c := range store.Columns() {
		if expression, ok := derivedColumns[c.Field]; ok {
			list = append(list, fmt.Sprintf("%s AS %s", expression, c.Name))
		} else {
			list = append(list, c.Name)
		}
	}
	return strings.Join(list, ", ")
}
