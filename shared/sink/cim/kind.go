package cim

// Kind is a kind of events.
type Kind uint8

// Kinds of events.
const (
	Flow     Kind = iota // a flow record
	Session              // a session that has ended, or an hour of one
	Traffic              // records of a minute, summed
	Alert                // a change of an alert
	Exporter             // how an exporter does, by the minute
	Status               // how what sends the events does, by the minute
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Flow, Session, Traffic, Alert, Exporter, Status} }

type kindText struct{ name, doc string }

var kindTexts = [...]kindText{
	Flow:     {"flow", "A flow record as an exporter sent it, with counters scaled by sampling."},
	Session:  {"session", "A session when it has ended: who spoke with whom, who began, how much went each way. One that goes on is told of in parts of an hour."},
	Traffic:  {"traffic", "The sum of the records of a minute with the same exporter, interfaces, addresses, protocol and port of the service."},
	Alert:    {"alert", "An alert as it was when it was raised, changed or ended."},
	Exporter: {"exporter", "How an exporter does, every minute: its account of losses, its clock, its templates, its health."},
	Status:   {"status", "How what sends these events does, every minute."},
}

// String returns the kind's name: "flow", "session", "traffic", "alert", "exporter" or "status".
func (k Kind) String() string { return kindTexts[k].name }

// Sourcetype returns the sourcetype of the kind's events: "weir:flow".
func (k Kind) Sourcetype() string { return "weir:" + kindTexts[k].name }

// Doc returns a sentence or two about what an event of the kind is.
func (k Kind) Doc() string { return kindTexts[k].doc }

// IsTraffic tells whether events of the kind belong to CIM's model Network_Traffic.
func (k Kind) IsTraffic() bool { return k == Flow || k == Session || k == Traffic }
