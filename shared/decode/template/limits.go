package template

import (
	"sync/atomic"
	"time"
)

// Limits are the caps of sessions. Those "in all" hold for all sessions that share the Limits, which keeps their counters; it
// must not be copied once in use.
type Limits struct {
	TTL              time.Duration // age at which a template goes that is neither defined again nor used
	MaxTemplates     int           // of a session
	MaxFields        int           // of a template
	MaxTemplateBytes int64         // of the templates in all
	MaxNames         int64         // samplers and names in all
	WaitSets         int           // waiting sets of a session
	WaitBytes        int           // their memory
	WaitBytesAll     int64         // memory of the waiting sets in all
	WaitAge          time.Duration
	MaxRecords       int   // taken from one set
	MaxConnections   int64 // firewalls' connections in all

	templateBytes, names, waitBytes, connections atomic.Int64
	generation                                   atomic.Uint64
}

// Changed notes that something has changed that is saved, beside what sessions change themselves.
func (l *Limits) Changed() { l.generation.Add(1) }

// Generation grows whenever a template or something told by options has changed.
func (l *Limits) Generation() uint64 { return l.generation.Load() }

// take reserves n of a cap and tells whether there was room.
func take(counter *atomic.Int64, n, limit int64) bool {
	if counter.Add(n) > limit {
		counter.Add(-n)
		return false
	}
	return true
}
