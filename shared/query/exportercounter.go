package query

import (
	"strconv"
	"time"
)

// AppendID appends what names the state of an exporter at a time, in seconds, among all that sinks tell of.
func (e *Exporter) AppendID(dst []byte, at time.Time) []byte {
	dst = append(append(append(dst, e.IP...), '-'), e.Source...)
	dst = strconv.AppendUint(append(dst, '-'), uint64(e.Port), 10)
	dst = strconv.AppendUint(append(dst, '-'), uint64(e.Domain), 10)
	dst = append(append(append(dst, '-'), e.Protocol...), '-')
	return strconv.AppendInt(dst, at.Unix(), 10)
}

// ExporterCounter is a counter of an exporter since the process began, as sinks tell of it.
type ExporterCounter struct {
	Name, Doc string
	Of        func(*Exporter) uint64
}

// ExporterCounters returns the counters that sinks tell of. The slice is the caller's.
func ExporterCounters() []ExporterCounter {
	return []ExporterCounter{
		{"datagrams", "Datagrams received.", func(e *Exporter) uint64 { return e.Datagrams }},
		{"bytes", "Bytes of them.", func(e *Exporter) uint64 { return e.Bytes }},
		{"refused", "Datagrams that could not be decoded.", func(e *Exporter) uint64 { return total(e.Refused) }},
		{"waiting_sets", "Sets that wait for their template.", func(e *Exporter) uint64 { return uint64(max(e.Waiting, 0)) }},
		{"expired_sets", "Sets that waited in vain.", func(e *Exporter) uint64 { return total(e.SetsExpired) }},
		{"records", "Records decoded.", func(e *Exporter) uint64 { return e.Records }},
		{"stored", "Records that are safe.", func(e *Exporter) uint64 { return e.Stored }},
		{"already_stored", "Records that were safe before.", func(e *Exporter) uint64 { return e.AlreadyStored }},
		{"set_aside", "Records that are impossible.", func(e *Exporter) uint64 { return total(e.SetAside) }},
		{"dropped", "Records dropped.", func(e *Exporter) uint64 { return total(e.Dropped) }},
		{"gaps", "Records or datagrams missing by their sequence numbers.", func(e *Exporter) uint64 { return e.Gaps }},
		{"reordered", "Datagrams that came late.", func(e *Exporter) uint64 { return e.Reordered }},
		{"restarts", "Restarts of the exporter.", func(e *Exporter) uint64 { return e.Restarts }},
		{"errors", "Errors in datagrams.", func(e *Exporter) uint64 { return total(e.Errors) }},
		{"sample_drops", "Packets that the exporter could not sample.", func(e *Exporter) uint64 { return e.SampleDrops }},
	}
}

func total(m map[string]uint64) (n uint64) {
	for _, v := range m {
		n += v
	}
	return n
}
