//go:build cgo

package daemon_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// load is exporters of both protocols with templates, each with a loopback address and port of its own.
type load struct {
	t         *testing.T
	exporters []*loadExporter
	pace      *time.Ticker
	burst     int // datagrams a tick
	rng       *rand.Rand
	careful   bool // nothing gets lost on the way
}

type loadExporter struct {
	mix   *traffic.BenchMix
	index int // in the mix
	conn  *net.UDPConn
	to    *net.UDPAddr

	ip        string
	protocol  encode.Protocol
	templates uint64 // datagrams with templates alone
	data      uint64 // datagrams with records
}

func newLoad(t *testing.T, to *net.UDPAddr, rng *rand.Rand, burst int) *load {
	l := &load{t: t, pace: time.NewTicker(2 * time.Millisecond), burst: burst, rng: rng}
	t.Cleanup(l.pace.Stop)
	for i, protocol := range []encode.Protocol{encode.NetFlow9, encode.IPFIX} {
		mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: uint64(i + 1), Protocol: protocol, Exporters: 2})
		if err != nil {
			t.Fatal(err)
		}
		for k := range mix.Exporters() {
			e := &loadExporter{mix: mix, index: k, to: to, ip: fmt.Sprintf("127.0.0.%d", 2+2*i+k), protocol: protocol}
			if e.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(e.ip)}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { e.conn.Close() })
			l.exporters = append(l.exporters, e)
		}
	}
	return l
}

// announce sends the templates, which happens once.
func (l *load) announce() {
	for _, e := range l.exporters {
		d, err := e.mix.Templates(e.index, time.Now())
		if err != nil {
			l.t.Fatal(err)
		}
		e.write(l.t, d)
		e.templates++
	}
}

// send sends n datagrams of the exporters in turn. One in a hundred gets lost on the way, so that there are gaps among what is in
// flight when the daemon is killed.
func (l *load) send(n int) {
	for i := range n {
		if i%l.burst == 0 {
			<-l.pace.C
		}
		e := l.exporters[i%len(l.exporters)]
		d := e.mix.Next(e.index, time.Now())
		if e.data++; l.rng.IntN(100) != 0 || l.careful {
			e.write(l.t, d)
		}
	}
}

func (e *loadExporter) write(t *testing.T, datagram []byte) {
	if _, err := e.conn.WriteToUDP(datagram, e.to); err != nil {
		t.Fatal(err)
	}
}

// records is how many records were sent.
func (e *loadExporter) records() uint64 { return e.data * uint64(e.mix.RecordsPerDatagram()) }

// missing is how many records the gaps of an account stand for.
func (e *loadExporter) missing(a query.Exporter) uint64 {
	if e.protocol == encode.IPFIX {
		return a.Gaps
	}
	return a.Gaps * uint64(e.mix.RecordsPerDatagram()) // datagrams
}

// account finds the exporter's in a list.
func (e *loadExporter) account(list []query.Exporter) (found query.Exporter) {
	for _, a := range list {
		if a.IP == e.ip {
			found = a
		}
	}
	return found
}

// until asks for the accounts until every exporter's is as wanted, sending step datagrams in between.
func (l *load) until(data string, step int, want func(*loadExporter, query.Exporter) bool) {
	l.t.Helper()
	var list []query.Exporter
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		l.send(step)
		<-l.pace.C
		list = askExporters(l.t, data)
		all := true
		for _, e := range l.exporters {
			all = all && want(e, e.account(list))
		}
		if all {
			return
		}
	}
	for _, e := range l.exporters {
		l.t.Logf("sent %d datagrams, %d with templates: %+v", e.data+e.templates, e.templates, e.account(list))
	}
	l.t.Fatal("the accounts do not come to what was sent")
}

// crashRounds returns how often the daemon is killed, after how many datagrams at most, and the load.
func crashRounds() (kills, most, burst int) {
	if os.Getenv("WEIR_SOAK") != "" {
		return 20, 40_000, 10
	}
	return 3, 4000, 2
}

// freePort returns a UDP port of loopback that is free now.
func freePort(t *testing.T) *net.UDPAddr {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr)
}

// crashSeed is that of WEIR_SEED, or another with each run.
func crashSeed(t *testing.T) uint64 {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("WEIR_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("WEIR_SEED=%d", seed)
	return seed
}

// TestCrash kills a daemon under load again and again. Whatever was sent is stored, once, or counted as missing; templates that
// were sent once, before the first kill, last to the end.
func TestCrash(t *testing.T) {
	data, address := t.TempDir(), freePort(t)
	rng := rand.New(rand.NewPCG(crashSeed(t), 1))
	kills, most, burst := crashRounds()
	l := newLoad(t, address, rng, burst)
	for i := range kills {
		c := startChild(t, data, address.String())
		checkKept(t, data, i)
		if i == 0 {
			l.announce()
			l.until(data, 40, func(_ *loadExporter, a query.Exporter) bool { return a.Stored > 0 })
		}
		l.send(200 + rng.IntN(most))
		c.kill()
		l.send(rng.IntN(80)) // to a process that dies, or to none
		c.wait()
	}
	c := startChild(t, data, address.String())
	l.send(800)
	l.careful = true // a loss shows by the datagram after it
	l.send(len(l.exporters))
	l.until(data, 0, func(e *loadExporter, a query.Exporter) bool {
		return a.Records+e.missing(a) >= e.records() && a.InFlight == 0
	})
	c.stop()
	checkCrash(t, data, l)
}
