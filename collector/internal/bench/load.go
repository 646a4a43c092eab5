package bench

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"

	"github.com/weirflow/weir/shared/traffic"
)

// Load sends the bench mix to a target at a steady rate; each exporter has a loopback source address of its own.
type Load struct {
	mix   *traffic.BenchMix
	conns []*ipv4.PacketConn
	close []func() error
	to    net.Addr
}

// templateEvery is how often templates are sent again.
const templateEvery = 10 * time.Second

// tick is the pace of the sender: a burst every tick keeps its own cost low and is as lumpy as real exporters.
const tick = 2 * time.Millisecond

// NewLoad opens the sockets. The target must be on loopback.
func NewLoad(cfg traffic.BenchConfig, to netip.AddrPort) (*Load, error) {
	if !to.Addr().IsLoopback() {
		return nil, fmt.Errorf("load target %s is not on loopback", to)
	}
	mix, err := traffic.NewBenchMix(cfg)
	if err != nil {
		return nil, err
	}
	l := &Load{mix: mix, to: net.UDPAddrFromAddrPort(to)}
	for i := range mix.Exporters() {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, byte(2+i))})
		if err != nil {
			l.Close()
			return nil, fmt.Errorf("open exporter %d: %w", i, err)
		}
		_ = c.SetWriteBuffer(4 << 20) // best effort: a small buffer only makes the sender wait
		l.conns = append(l.conns, ipv4.NewPacketConn(c))
		l.close = append(l.close, c.Close)
	}
	return l, nil
}

// String describes the mix.
func (l *Load) String() string { return l.mix.String() }

// Close closes the sockets.
func (l *Load) Close() {
	for _, f := range l.close {
		_ = f() // datagram sockets hold nothing back
	}
}

// Templates sends every exporter's templates.
func (l *Load) Templates(now time.Time) error {
	for i, c := range l.conns {
		d, err := l.mix.Templates(i, now)
		if err != nil {
			return err
		}
		if _, err := c.WriteTo(d, nil, l.to); err != nil {
			return fmt.Errorf("send templates: %w", err)
		}
	}
	return nil
}

// Run sends rate records a second for d and returns how many records went out.
func (l *Load) Run(ctx context.Context, rate int, d time.Duration) (sent uint64, err error) {
	perDatagram := l.mix.RecordsPerDatagram()
	begin := time.Now()
	var templates time.Time
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for next := 0; ; {
		now := time.Now()
		if now.Sub(begin) >= d || ctx.Err() != nil {
			return sent, ctx.Err()
		}
		if now.Sub(templates) >= templateEvery {
			if err := l.Templates(now); err != nil {
				return sent, err
			}
			templates = now
		}
		due := uint64(now.Sub(begin).Seconds() * float64(rate))
		for sent+uint64(perDatagram) <= due {
			n, err := l.burst(next%len(l.conns), min(32, int((due-sent)/uint64(perDatagram))), now)
			if err != nil {
				return sent, err
			}
			sent += uint64(n * perDatagram)
			next++
		}
		<-ticker.C
	}
}

// burst sends n datagrams of one exporter in one call to the kernel.
func (l *Load) burst(exporter, n int, now time.Time) (int, error) {
	msgs := make([]ipv4.Message, n)
	for i := range msgs {
		msgs[i] = ipv4.Message{Buffers: [][]byte{l.mix.Next(exporter, now)}, Addr: l.to}
	}
	done := 0
	for done < n {
		k, err := l.conns[exporter].WriteBatch(msgs[done:], 0)
		if err != nil {
			return done, fmt.Errorf("send: %w", err)
		}
		done += k
	}
	return done, nil
}
