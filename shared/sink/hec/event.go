package hec

// Kind is what an event tells of.
type Kind uint8

// Event is an event.
type Event struct {
	Kind Kind
	Time int64
	Host string
	ID   string
	JSON []byte
}

const kindAlert Kind = 3

func (k Kind) String() string { return [...]string{"flow", "session", "traffic", "alert", "exporter", "status"}[min(k, 5)] }

// Sourcetype is what Splunk files it under.
func (k Kind) Sourcetype() string { return "weir:" + k.String() }
