package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// target is a collector that can be measured.
type target struct {
	name string
	what string // what it does with a record
	port uint16
	// start starts it with its files in dir.
	start func(ctx context.Context, dir string, port uint16) (*process, error)
	// settle has it do at once what it would do at the end of an hour, while it runs, and returns when that is done; nil: nothing. See settle.go.
	settle func(ctx context.Context, dir string) error
	// received returns how many flow records it has taken, after it was stopped.
	received func(ctx context.Context, dir string) (uint64, error)
	// finish does what is left to do after it was stopped and returns the CPU time that took; nil: nothing.
	finish func(ctx context.Context, dir string) (time.Duration, error)
	// stored returns the bytes on disk, after it was stopped; nil where that means nothing.
	stored func(ctx context.Context, dir string) (int64, error)
}

func targets(weir, goflow2 string) []target {
	return []target{
		{"weir", "receive, decode, normalize, enrich, all detectors, store and seal records and sessions", 22055, startWeir(weir, "on"), settleWeir(weir), receivedWeir(weir), sealWeir(weir), sizeOfWeir},
		{"weir, sessions off", "receive, decode, normalize, enrich, detect floods, store and seal records", 22059, startWeir(weir, "off"), settleWeir(weir), receivedWeir(weir), sealWeir(weir), sizeOfWeir},
		{"nfcapd", "receive, decode, LZ4 file", 22056, startNfcapd, nil, receivedNfcapd, nil, sizeOf},
		{"goflow2", "receive, decode, map, protobuf file", 22057, startGoflow2(goflow2), nil, receivedGoflow2, nil, sizeOf},
		{"pmacct", "receive, decode, aggregate in memory", 22058, startPmacct, nil, nil, nil, nil},
	}
}

func startWeir(bin, sessions string) func(context.Context, string, uint16) (*process, error) {
	return func(ctx context.Context, dir string, port uint16) (*process, error) {
		conf := fmt.Sprintf("listen: [\"127.0.0.1:%d\"]\napi:\n  listen: 127.0.0.1:28474\ninside: [10.0.0.0/8]\ndetect: {sessions: %s}\n", port, sessions)
		if err := os.WriteFile(filepath.Join(dir, "weir.yaml"), []byte(conf), 0o600); err != nil {
			return nil, fmt.Errorf("write config: %w", err)
		}
		return startProcess(ctx, dir, bin, "run", "--config", "weir.yaml", "--data", "data")
	}
}

func receivedWeir(bin string) func(context.Context, string) (uint64, error) {
	return func(ctx context.Context, dir string) (uint64, error) {
		out, err := exec.CommandContext(ctx, bin, "query", "--data", filepath.Join(dir, "data"), "--measure", "flows", "--format", "json").Output()
		if err != nil {
			return 0, fmt.Errorf("count stored flows: %w", err)
		}
		m := regexp.MustCompile(`"rows":\s*\[\s*\[\s*(\d+)`).FindSubmatch(out)
		if m == nil {
			return 0, errors.New("count stored flows: no number in the answer")
		}
		return strconv.ParseUint(string(m[1]), 10, 64)
	}
}

// sealWeir writes everything that is not sealed yet, as the end of an hour would, and returns the CPU time that takes the command: where a
// collector runs on the folder, it is the collector that seals.
func sealWeir(bin string) func(context.Context, string) (time.Duration, error) {
	return func(ctx context.Context, dir string) (time.Duration, error) {
		cmd := exec.CommandContext(ctx, bin, "seal", "--data", filepath.Join(dir, "data"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("seal: %w: %s", err, out)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
	}
}

func settleWeir(bin string) func(context.Context, string) error {
	seal := sealWeir(bin)
	return func(ctx context.Context, dir string) error {
		_, err := seal(ctx, dir)
		return err
	}
}

// sizeOfWeir is what history costs: sealed files and what is made of them.
func sizeOfWeir(_ context.Context, dir string) (sum int64, err error) {
	list, err := sizesOf(filepath.Join(dir, "data"))
	for _, s := range list {
		if s.name != databasePart {
			sum += s.bytes
		}
	}
	return sum, err
}

func startNfcapd(ctx context.Context, dir string, port uint16) (*process, error) {
	return startProcess(ctx, dir, "nfcapd", "-b", "127.0.0.1", "-p", strconv.Itoa(int(port)), "-w", dir, "-y", "-B", strconv.Itoa(8<<20), "-I", "bench")
}

func receivedNfcapd(ctx context.Context, dir string) (uint64, error) {
	out, err := exec.CommandContext(ctx, "nfdump", "-R", dir, "-q", "-o", "csv", "-s", "proto", "-n", "1", "-I").Output()
	if err != nil || len(out) == 0 {
		out, err = exec.CommandContext(ctx, "nfdump", "-R", dir, "-I").Output()
	}
	if err != nil {
		return 0, fmt.Errorf("nfdump: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if v, ok := strings.CutPrefix(line, "Flows: "); ok {
			return strconv.ParseUint(strings.TrimSpace(v), 10, 64)
		}
	}
	return 0, errors.New("nfdump: no count of flows in its statistics")
}

func startGoflow2(bin string) func(context.Context, string, uint16) (*process, error) {
	return func(ctx context.Context, dir string, port uint16) (*process, error) {
		return startProcess(ctx, dir, bin, "-listen", fmt.Sprintf("netflow://127.0.0.1:%d?count=2&workers=2&queue_size=100000", port),
			"-addr", "127.0.0.1:28080", "-format", "bin", "-transport", "file", "-transport.file", filepath.Join(dir, "flows.bin"), "-transport.file.sep", "")
	}
}

// receivedGoflow2 counts the length-delimited messages of its file.
func receivedGoflow2(_ context.Context, dir string) (n uint64, err error) {
	f, err := os.Open(filepath.Join(dir, "flows.bin"))
	if err != nil {
		return 0, fmt.Errorf("count goflow2's messages: %w", err)
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		size, err := binary.ReadUvarint(r)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("count goflow2's messages: %w", err)
		}
		if _, err := r.Discard(int(size)); err != nil {
			return n, nil // cut short when it was stopped
		}
		n++
	}
}

func startPmacct(ctx context.Context, dir string, port uint16) (*process, error) {
	return startProcess(ctx, dir, "nfacctd", "-l", strconv.Itoa(int(port)), "-L", "127.0.0.1", "-P", "memory", "-c", "src_host,dst_host,src_port,dst_port,proto")
}

func sizeOf(_ context.Context, dir string) (int64, error) { return folderSize(dir) }
