package document

import (
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Types of fields beside those of shared/filter.
const (
	typeBoolean = "boolean"
	typeText    = "text"
	// typeObject is an object that is kept and not searched ("enabled": false).
	typeObject = "object"
)

// Field is a field that documents of a kind may have.
type Field struct {
	Name string // with dots
	// Type is the type in the mapping: ip, keyword, long, double, date_nanos, boolean, flattened, text, or object, which stands for one that is
	// kept whole and not searched ("enabled": false).
	Type string
	ECS  bool // of ECS; else below weir.
	List bool // may hold several values
	// Ordered says that the order of a list, or the form of an object's values, means something, and is lost in a synthetic source unless
	// "synthetic_source_keep" is "all".
	Ordered  bool
	Always   string // the value that all documents of the kind have; "" where it differs
	Doc      string // one sentence
	Registry bool   // a field of the registry: filters and groupings know it by this name
}

// Fields returns all fields that documents of the kind may have: those of the registry in its order, then the others. The slice is the
// caller's.
func Fields(kind Kind) []Field {
	var list []Field
	switch kind {
	case Flow:
		list = append(ofRegistry(func(f *flow.Field) bool { return f.Get != nil && f.Name != relatedPort }), flowFields()...)
	case Session:
		list = append(ofRegistry(func(f *flow.Field) bool { return f.OfSession != nil && f.Name != relatedPort }), sessionFields()...)
		for i := range list {
			list[i].List = list[i].List || list[i].Name == "observer.ip" // all exporters that saw it
		}
	case Alert:
		list = alertFields()
	case AlertEvent:
		list = append(alertFields(), alertEventFields()...)
	case Exporter:
		list = exporterFields()
	case Interface:
		list = interfaceFields()
	case DeadLetter:
		list = deadLetterFields()
	}
	return append(list, commonFields(kind)...)
}

// Omission is a field of the registry that documents of a kind do not have.
type Omission struct{ Name, Reason string }

const relatedPort = "related.port"

// LeftOut returns the fields of the registry that documents of flows or sessions do not have, each with the reason. Together with [Fields] it
// names every field of the registry.
func LeftOut(kind Kind) []Omission {
	var list []Omission
	have := map[string]bool{}
	for _, f := range Fields(kind) {
		have[f.Name] = true
	}
	for _, f := range flow.NewRegistry().Fields() {
		if !have[f.Name] {
			list = append(list, Omission{f.Name, reasonLeftOut(f)})
		}
	}
	return list
}

func reasonLeftOut(f *flow.Field) string {
	switch {
	case f.Name == relatedPort:
		return "stands for source.port and destination.port, which filters ask for instead"
	case f.Scope == flow.ScopeSession:
		return "is known of sessions only"
	}
	return "is of single records: a session is made of many"
}

// ofRegistry returns the chosen fields of the registry.
func ofRegistry(chosen func(*flow.Field) bool) (list []Field) {
	for _, f := range flow.NewRegistry().Fields() {
		if !chosen(f) {
			continue
		}
		typ := filter.ElasticType(f)
		if f.Name == "related.ip" {
			typ = filter.ElasticIP
		}
		list = append(list, Field{
			Name: f.Name, Type: typ, ECS: f.ECS, List: f.List, Doc: f.Doc, Registry: true,
			Ordered: f.Name == "weir.mpls.labels" || f.Kind == flow.KindObject,
		})
	}
	return list
}

// ECSVersion is the version of ECS that documents follow.
const ECSVersion = "8.11.0"

// commonFields are those that documents of all kinds have.
func commonFields(kind Kind) []Field {
	list := []Field{
		{Name: "ecs.version", Type: filter.ElasticKeyword, ECS: true, Always: ECSVersion, Doc: "Version of ECS that the document follows."},
		{Name: "event.module", Type: filter.ElasticKeyword, ECS: true, Always: "weir", Doc: "What made the document."},
		{Name: "event.dataset", Type: filter.ElasticKeyword, ECS: true, Always: kind.Dataset(), Doc: "Kind of the document."},
		{Name: "organization.id", Type: filter.ElasticKeyword, ECS: true, Doc: "Tenant, where one is configured."},
	}
	return list
}

func flowFields() []Field {
	return append([]Field{
		{Name: "event.kind", Type: filter.ElasticKeyword, ECS: true, Always: "event", Doc: "Kind of the event."},
		{Name: "event.category", Type: filter.ElasticKeyword, ECS: true, List: true, Always: "network", Doc: "Category of the event."},
		{Name: "event.type", Type: filter.ElasticKeyword, ECS: true, List: true, Doc: "connection; with start, end, allowed or denied where a firewall says so."},
		{Name: "event.action", Type: filter.ElasticKeyword, ECS: true, Always: "network_flow", Doc: "What happened."},
		{Name: "event.duration", Type: filter.ElasticLong, ECS: true, Doc: "From first to last packet, in ns."},
		{Name: "weir.aggregate.records", Type: filter.ElasticLong, Doc: "How many records the document is the sum of; absent from a single record."},
	}, endpointsFields()...)
}

// endpointsFields are made of addresses, ports and protocol.
func endpointsFields() []Field {
	return []Field{
		{Name: "network.type", Type: filter.ElasticKeyword, ECS: true, Doc: "ipv4 or ipv6."},
		{Name: "network.community_id", Type: filter.ElasticKeyword, ECS: true, Doc: "Community ID, version 1 with seed 0: the same in both directions and in other tools."},
	}
}

func sessionFields() []Field {
	return append([]Field{
		{Name: "event.id", Type: filter.ElasticKeyword, ECS: true, Doc: "Identity of the document: weir.session.id and weir.session.told."},
		{Name: "event.kind", Type: filter.ElasticKeyword, ECS: true, Always: "event", Doc: "Kind of the event."},
		{Name: "event.category", Type: filter.ElasticKeyword, ECS: true, List: true, Always: "network", Doc: "Categories of the event: network, and session."},
		{Name: "event.type", Type: filter.ElasticKeyword, ECS: true, List: true, Doc: "connection, and end when no more will come."},
		{Name: "event.action", Type: filter.ElasticKeyword, ECS: true, Always: "network_session", Doc: "What happened."},
		{Name: "weir.session.id", Type: filter.ElasticKeyword, Doc: "Identity of the session."},
		{Name: "weir.session.told", Type: filter.ElasticLong, Doc: "How often the session was told of before, while it was open: of documents with the same weir.session.id the greatest counts."},
		{Name: "weir.session.open", Type: typeBoolean, Doc: "Whether more may come."},
		{Name: "weir.session.truncated", Type: typeBoolean, Doc: "Present where the session was given up for want of room."},
		{Name: "weir.session.records", Type: filter.ElasticLong, Doc: "Records that are summed."},
		{Name: "weir.session.copies", Type: filter.ElasticLong, Doc: "Records that are other exporters' copies, which are not summed."},
		{Name: "weir.session.born", Type: filter.ElasticDate, Doc: "Start of the piece that the session was made from."},
	}, endpointsFields()...)
}

func deadLetterFields() []Field {
	return []Field{
		{Name: "@timestamp", Type: filter.ElasticDate, ECS: true, Doc: "When it was refused."},
		{Name: "event.id", Type: filter.ElasticKeyword, ECS: true, Doc: "Identity of the document that was refused."},
		{Name: "event.kind", Type: filter.ElasticKeyword, ECS: true, Always: "pipeline_error", Doc: "Kind of the event."},
		{Name: "error.type", Type: filter.ElasticKeyword, ECS: true, Doc: "The server's name for the error."},
		{Name: "error.message", Type: typeText, ECS: true, Doc: "The server's reason."},
		{Name: "event.original", Type: filter.ElasticKeyword, ECS: true, Doc: "The document as it was sent, cut to 32,000 bytes; not searched."},
		{Name: "weir.deadletter.target", Type: filter.ElasticKeyword, Doc: "Data stream that refused it."},
		{Name: "weir.deadletter.status", Type: filter.ElasticLong, Doc: "Status of HTTP for the document."},
	}
}
