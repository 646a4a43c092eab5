package cim

import (
	"strconv"
	"time"

	"github.com/weirflow/weir/shared/sink/member"
)

// Report is how what sends the events does.
type Report struct {
	Component string   // "weir", "weir-splunk"
	State     string   // "listening", "stopping", ...
	Message   string   // one line: "listening, 3 exporters, none without templates"
	Listen    []string // addresses
	Exporters int      // that have been heard of
	Waiting   int      // exporters whose data waits for templates
	Silent    int      // exporters that are silent
	// Since the start:
	Datagrams   uint64 // received
	KernelDrops uint64 // datagrams that the system dropped before they could be received
	Records     uint64 // flow records received
	Dropped     uint64 // of them: found no room between two steps, or were in events that were dropped
	Gaps        uint64 // lost before they were received, by the exporters' sequence numbers
	Events      uint64 // given to Splunk
	Lost        uint64 // events dropped
}

func statusFields() []Field {
	return []Field{
		{Name: "component", Type: typeString, Doc: "What sends the events.", Example: "weir-splunk"},
		{Name: "state", Type: typeString, Doc: "What it does.", Example: "listening"},
		{Name: "message", Type: typeString, Doc: "The same in a line.", Example: "listening, 3 exporters, none without templates"},
		{Name: "listen", Type: typeString, List: true, Doc: "Addresses that it listens on.", Example: "[::]:2055"},
		{Name: "exporters", Type: typeNumber, Doc: "Exporters that have been heard of.", Example: "3"},
		{Name: "exporters_waiting", Type: typeNumber, Doc: "Exporters whose data waits for templates.", Example: "0"},
		{Name: "exporters_silent", Type: typeNumber, Doc: "Exporters that are silent.", Example: "0"},
		{Name: "datagrams", Type: typeNumber, Doc: "Datagrams received since the start.", Example: "5000"},
		{Name: "kernel_drops", Type: typeNumber, Doc: "Datagrams that the system dropped since the start, before they could be received.", Example: "0"},
		{Name: "records", Type: typeNumber, Doc: "Flow records received since the start.", Example: "120000"},
		{Name: "records_dropped", Type: typeNumber, Doc: "Of these: those for which there was no room.", Example: "0"},
		{Name: "gaps", Type: typeNumber, Doc: "What was lost before it was received, by the exporters' sequence numbers: see `gaps` of exporters.", Example: "0"},
		{Name: "events", Type: typeNumber, Doc: "Events given to Splunk since the start.", Example: "8000"},
		{Name: "events_lost", Type: typeNumber, Doc: "Events dropped since the start.", Example: "0"},
	}
}

// AppendStatus appends the event of a report at a time.
func (e *Encoder) AppendStatus(dst []byte, s *Report, at time.Time) []byte {
	dst = appendTimestamp(dst, at.UnixNano())
	dst = member.Text(dst, `,"component":`, s.Component)
	dst = member.Text(dst, `,"state":`, s.State)
	dst = member.Text(dst, `,"message":`, s.Message)
	dst = member.Texts(dst, `,"listen":`, s.Listen)
	dst = strconv.AppendInt(append(dst, `,"exporters":`...), int64(s.Exporters), 10)
	dst = strconv.AppendInt(append(dst, `,"exporters_waiting":`...), int64(s.Waiting), 10)
	dst = strconv.AppendInt(append(dst, `,"exporters_silent":`...), int64(s.Silent), 10)
	dst = member.Uint(dst, `,"datagrams":`, s.Datagrams)
	dst = member.Uint(dst, `,"kernel_drops":`, s.KernelDrops)
	dst = member.Uint(dst, `,"records":`, s.Records)
	dst = member.Uint(dst, `,"records_dropped":`, s.Dropped)
	dst = member.Uint(dst, `,"gaps":`, s.Gaps)
	dst = member.Uint(dst, `,"events":`, s.Events)
	dst = member.Uint(dst, `,"events_lost":`, s.Lost)
	return e.finish(dst, Status)
}
