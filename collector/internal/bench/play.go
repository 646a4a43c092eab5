package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/bench/history"
)

// nfdumpMarker says which history a folder of nfcapd's files holds.
const nfdumpMarker = "history.json"

// nfdumpFiles makes sure that nfcapd's files of the history are in dir: its datagrams are sent to nfcapd.
func nfdumpFiles(ctx context.Context, dir string, m history.Marker, log io.Writer) error {
	have, err := history.ReadMarker(dir)
	if err == nil && have == m {
		return nil
	}
	fmt.Fprintf(log, "bench: %d records to nfcapd\n", m.Stored)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("nfcapd's folder: %w", err)
	}
	got, err := record(ctx, dir, m)
	if err != nil {
		return err
	}
	if got != m.Stored {
		return fmt.Errorf("nfcapd took %d of %d records", got, m.Stored)
	}
	return writeMarker(filepath.Join(dir, nfdumpMarker), m)
}

func writeMarker(path string, m history.Marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// record plays the history to an nfcapd that writes LZ4 files into dir, and returns how many records these hold.
func record(ctx context.Context, dir string, m history.Marker) (uint64, error) {
	files := filepath.Join(dir, "files")
	if err := os.MkdirAll(files, 0o755); err != nil {
		return 0, fmt.Errorf("nfcapd's folder: %w", err)
	}
	port, err := freePort("udp4")
	if err != nil {
		return 0, err
	}
	p, err := startProcess(ctx, dir, "nfcapd", "-b", "127.0.0.1", "-p", strconv.Itoa(port), "-w", files, "-y", "-B", strconv.Itoa(32<<20), "-I", "bench")
	if err != nil {
		return 0, err
	}
	time.Sleep(2 * time.Second) // nfcapd does not say when it is ready
	err = play(ctx, m, port)
	time.Sleep(2 * time.Second)
	if err := errors.Join(err, p.stop()); err != nil {
		return 0, err
	}
	return receivedNfcapd(ctx, files)
}

// play sends the datagrams of a history, those of each exporter from an address of its own, no faster than nfcapd takes them.
func play(ctx context.Context, m history.Marker, port int) error {
	mix, err := history.NewMix(m.Start, m.Days, m.Records, m.Seed)
	if err != nil {
		return err
	}
	s := &player{ctx: ctx, port: port, conns: map[int]*net.UDPConn{}}
	defer s.close()
	for hour := range m.Hours {
		if err := mix.Hour(hour, s.send); err != nil {
			return err
		}
	}
	return s.room(0)
}

// player sends datagrams and looks at what waits in the kernel.
type player struct {
	ctx   context.Context // of the one run that it serves
	port  int             // of nfcapd
	conns map[int]*net.UDPConn
	sent  int // datagrams
}

// A burst is sent without a look; it and what may wait before it, in bytes of kernel memory, fit into the smallest usual socket buffer.
const (
	playBurst   = 16
	playWaiting = 64 << 10
)

func (s *player) send(exporter int, _ time.Time, payload []byte) error {
	if s.conns[exporter] == nil {
		c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, byte(2+exporter))}, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.port})
		if err != nil {
			return fmt.Errorf("open exporter %d: %w", exporter, err)
		}
		s.conns[exporter] = c
	}
	if _, err := s.conns[exporter].Write(payload); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if s.sent++; s.sent%playBurst == 0 {
		return s.room(playWaiting)
	}
	return nil
}

// room waits until no more than so many bytes wait for nfcapd.
func (s *player) room(waiting uint64) error {
	for {
		n, err := queued(s.port)
		if err != nil {
			return err
		}
		if n <= waiting {
			return nil
		}
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-time.After(500 * time.Microsecond):
		}
	}
}

// queued returns how many bytes wait in the UDP socket of a port on this machine.
func queued(port int) (uint64, error) {
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return 0, fmt.Errorf("see what waits for nfcapd: %w", err)
	}
	suffix := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(table)) {
		// sl local_address rem_address st tx_queue:rx_queue ...
		f := strings.Fields(line)
		if len(f) < 5 || !strings.HasSuffix(f[1], suffix) {
			continue
		}
		_, rx, _ := strings.Cut(f[4], ":")
		return strconv.ParseUint(rx, 16, 64)
	}
	return 0, fmt.Errorf("nothing listens on port %d", port)
}

func (s *player) close() {
	for _, c := range s.conns {
		_ = c.Close() // datagram sockets hold nothing back
	}
}
