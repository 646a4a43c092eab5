package cli_test

import (
	"os"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/internal/servertest"
)

// TestSoakOverload measures what a real server takes of a process, and sends three times as many records a second for a minute, whatever becomes
// of them: sockets lose nothing, the spool stays within its bound, and every document is accounted for.
func TestSoakOverload(t *testing.T) {
	if os.Getenv("WEIR_SOAK") == "" {
		t.Skip("WEIR_SOAK is not set")
	}
	const limit = 16 << 20
	for _, kind := range servertest.Plain() {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			defer s.Stop(t) // the next one needs its memory
			good(t, "setup", "--node", s.URL, "--namespace", "overload")
			listen, metrics := freePort(t, "udp"), freePort(t, "tcp")
			p := startProcess(t, metrics, overloaded(t, listen, metrics, s.URL, "16MiB")...)
			e := newStream(t, listen)
			rate := capacity(p, e)
			records := e.records
			largest := flood(t, p, e, 3*rate)
			var c map[string]float64
			p.within(15*time.Minute, "every document is accounted for", func() bool {
				c = p.counters()
				made, settled := documentsOf(c)
				return made == settled && c["weir_elastic_waiting_documents"] == 0 && c["weir_records_in_flight"] == 0 && c["weir_sessions"] == 0
			})
			t.Logf("the server takes %.0f documents/s; %d records at %.0f records/s: kernel drops %v, gaps %v, records dropped %v; documents %v: delivered %v, dropped %v; the spool had up to %.1f of 16 MiB",
				rate, e.records-records, 3*rate, c["weir_kernel_drops_total"], c["weir_sequence_gaps_total"], c["weir_records_dropped_total"],
				c["weir_elastic_documents_total"], c["weir_elastic_delivered_total"], c["weir_elastic_dropped_total"], largest/(1<<20))
			if c["weir_kernel_drops_total"]+c["weir_sequence_gaps_total"] > 0 || c["weir_socket_datagrams_total"] != float64(e.datagrams) {
				t.Errorf("sockets lost something: %v", c)
			}
			if c["weir_elastic_dropped_total"] == 0 || largest > limit*9/8 || largest < limit*3/4 { // what is just being written is counted, too
				t.Errorf("dropped %v, the spool had up to %.0f bytes", c["weir_elastic_dropped_total"], largest)
			}
			others := c["weir_elastic_documents_total"] - c["weir_elastic_documents_total flow"] - c["weir_elastic_documents_total session"]
			there := float64(documents(t, s, "logs-weir.flow-overload") + documents(t, s, "logs-weir.session-overload"))
			if there > c["weir_elastic_delivered_total"] || there < c["weir_elastic_delivered_total"]-others {
				t.Errorf("%v documents are there, of %v delivered", there, c["weir_elastic_delivered_total"])
			}
			p.stop()
		})
	}
}

// capacity is how many documents a second the server takes, measured after a while, with always enough of them waiting.
func capacity(p *process, e *stream) float64 {
	p.t.Helper()
	deliver := func(documents float64) (float64, time.Duration) {
		before, began := p.counters()["weir_elastic_delivered_total"], time.Now()
		for {
			c := p.counters()
			if done := c["weir_elastic_delivered_total"] - before; done >= documents {
				return done, time.Since(began)
			}
			if c["weir_elastic_waiting_documents"]+c["weir_records_in_flight"] < 30_000 {
				e.send(100)
			}
			time.Sleep(time.Millisecond)
		}
	}
	deliver(60_000) // the JVM warms up
	n, took := deliver(120_000)
	return n / took.Seconds()
}

// flood sends records at a rate for a minute, and returns the most bytes that the spool had.
func flood(t *testing.T, p *process, e *stream, rate float64) (largest float64) {
	t.Helper()
	perTick := rate / float64(e.mix.RecordsPerDatagram()) / 1000
	owed, began, looked := 0.0, time.Now(), time.Now()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	last := began
	for now := range ticker.C {
		owed += perTick * float64(now.Sub(last)) / float64(time.Millisecond)
		last = now
		e.send(int(owed))
		owed -= float64(int(owed))
		if now.Sub(looked) > time.Second {
			looked = now
			largest = max(largest, p.counters()["weir_elastic_spool_bytes"])
		}
		if now.Sub(began) > time.Minute {
			return largest
		}
	}
	return largest
}
