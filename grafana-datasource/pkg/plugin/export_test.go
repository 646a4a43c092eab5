package plugin

import (
	"encoding/pem"
	"time"
)

// Waiting returns how many wait for answers of the collector.
func Waiting(d *Datasource) (n int) {
	s := d.collector.share
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		n += c.waiters
	}
	return n
}

// Needed are the paths that the plugin asks.
var Needed = needed

// PEM writes a certificate as settings have it.
func PEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// At has a data source take its time from a clock.
func At(d *Datasource, now func() time.Time) { d.now, d.collector.share.kept.now = now, now }

// Pursued returns how many panels are asked about without anybody who waits.
func Pursued(d *Datasource) int {
	s := d.collector.share
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pursued)
}
