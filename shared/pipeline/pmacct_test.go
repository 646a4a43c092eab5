package pipeline_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
)

// probe writes a configuration for pmacct's probe on packets of a file. It waits some seconds by itself before it begins and before it
// ends.
func probe(t *testing.T, packets, plugin string) (config string) {
	t.Helper()
	config = filepath.Join(t.TempDir(), "pmacctd.conf")
	text := fmt.Sprintf("daemonize: false\npidfile: %s\npcap_savefile: %s\naggregate: src_host, dst_host, src_port, dst_port, proto, tos, tcpflags\n%s",
		filepath.Join(filepath.Dir(config), "pid"), packets, plugin)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// TestPmacct: pmacct's NetFlow and IPFIX probe on packets of known content.
func TestPmacct(t *testing.T) {
	bin := lookFor(t, "pmacctd")
	for _, c := range []struct {
		version  int
		protocol flow.Protocol
	}{{5, flow.NetFlow5}, {9, flow.NetFlow9}, {10, flow.IPFIX}} {
		t.Run(c.protocol.String(), func(t *testing.T) {
			t.Parallel() // nearly all of the time it sleeps
			path := filepath.Join(t.TempDir(), "packets.pcap")
			want, _, _ := writePackets(t, path, c.version != 5, 3)
			r := receive(t)
			runExporter(t, bin, "-f", probe(t, path, fmt.Sprintf("plugins: nfprobe\nnfprobe_receiver: %s\nnfprobe_version: %d\n", r.address, c.version)))
			r.await(t, "pmacct's records", want)
			checkAccount(t, r.core.Account)
			got := map[conversation]carried{}
			for i := range r.memory.records {
				addRecord(t, got, &r.memory.records[i], c.protocol)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(conversation{})); diff != "" {
				t.Errorf("packets (-) and records (+) differ:\n%s", diff)
			}
		})
	}
}

// TestPmacctSFlow: its sFlow probe takes every packet here. sFlow counts frames: 14 bytes of Ethernet header, and 4 of the frame check
// sequence that the file does not have.
func TestPmacctSFlow(t *testing.T) {
	bin := lookFor(t, "pmacctd")
	t.Parallel()
	path := filepath.Join(t.TempDir(), "packets.pcap")
	want, _, _ := writePackets(t, path, true, 50) // the last samples stay behind in the probe
	maps.DeleteFunc(want, func(c conversation, _ carried) bool { return c.proto == 1 })
	r := receive(t)
	runExporter(t, bin, "-f", probe(t, path, fmt.Sprintf("plugins: sfprobe\nsfprobe_receiver: %s\nsfprobe_agentip: 127.0.0.1\nsampling_rate: 1\n", r.address)))
	r.await(t, "pmacct's samples", want)
	got := map[conversation]carried{}
	for i := range r.memory.records {
		addRecord(t, got, &r.memory.records[i], flow.SFlow5)
	}
	maps.DeleteFunc(got, func(c conversation, _ carried) bool { return c.proto == 1 })
	for c, sum := range want {
		sum.Bytes += sum.Packets * 18
		want[c] = sum
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(conversation{})); diff != "" {
		t.Errorf("packets (-) and samples (+) differ:\n%s", diff)
	}
}
