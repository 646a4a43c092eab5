package document

// Kind is a kind of documents.
type Kind uint8

// Kinds of documents.
const (
	Flow       Kind = iota // a flow record, or the sum of several
	Session                // a session as it was told of
	Alert                  // an alert as it is now
	AlertEvent             // a change of an alert
	Exporter               // how an exporter does, by the minute
	Interface              // what passed an interface in a minute
	DeadLetter             // a document that the server refused
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Flow, Session, Alert, AlertEvent, Exporter, Interface, DeadLetter} }

// kindText is what is said of a kind.
type kindText struct{ name, dataset, doc string }

var kindTexts = [...]kindText{
	Flow:       {"flow", "weir.flow", "A flow record as an exporter sent it, with counters scaled by sampling; or the sum of those of a minute."},
	Session:    {"session", "weir.session", "A session: who spoke with whom, who began, how much went each way."},
	Alert:      {"alert", "weir.alert", "An alert as it is now: its document changes over its life."},
	AlertEvent: {"alert-event", "weir.alert", "An alert as it was when it was raised, changed or ended."},
	Exporter:   {"exporter", "weir.exporter", "How an exporter does: its counters, its clock and its health."},
	Interface:  {"interface", "weir.interface", "What passed an interface or a VLAN in a minute, or what a processor said."},
	DeadLetter: {"deadletter", "weir.deadletter", "A document that the server refused, with its reason."},
}

// String returns the kind's name: "flow", "session", "alert", "alert-event", "exporter", "interface" or "deadletter".
func (k Kind) String() string { return kindTexts[k].name }

// Dataset returns the value of event.dataset, which is the middle of the data stream's name: "weir.flow".
func (k Kind) Dataset() string { return kindTexts[k].dataset }

// Doc returns a sentence about what a document of the kind is.
func (k Kind) Doc() string { return kindTexts[k].doc }

// Target returns the data stream that documents of the kind go to in a namespace, for alerts the alias of their index.
func (k Kind) Target(namespace string) string {
	switch k {
	case Alert:
		return "weir-alerts-" + namespace
	case Exporter, Interface:
		return "metrics-" + k.Dataset() + "-" + namespace
	}
	return "logs-" + k.Dataset() + "-" + namespace
}
