package pipeline_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/shared/flow"
)

// vswitch is an Open vSwitch of the test's own: its datapath is in memory, so that it needs no privileges and touches no other.
type vswitch struct {
	t   *testing.T
	dir string
}

// startSwitch starts database and switch; the folder is short because socket names are.
func startSwitch(t *testing.T) *vswitch {
	t.Helper()
	server, daemon := lookFor(t, "ovsdb-server"), lookFor(t, "ovs-vswitchd")
	dir, err := os.MkdirTemp("", "ovs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &vswitch{t, dir}
	s.run("ovsdb-tool", "create", s.path("conf.db"), "/usr/share/openvswitch/vswitch.ovsschema")
	s.start(server, "--remote=punix:"+s.path("db.sock"), "--unixctl="+s.path("db.ctl"), "--log-file="+s.path("db.log"), "-vconsole:off", s.path("conf.db"))
	s.waitFor("db.sock")
	s.run("ovs-vsctl", "--db=unix:"+s.path("db.sock"), "--no-wait", "init")
	s.start(daemon, "--enable-dummy", "--disable-system", "--disable-system-route", "--unixctl="+s.path("switch.ctl"), "--log-file="+s.path("switch.log"),
		"-vconsole:off", "unix:"+s.path("db.sock"))
	s.waitFor("switch.ctl")
	return s
}

func (s *vswitch) path(name string) string { return filepath.Join(s.dir, name) }

func (s *vswitch) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "OVS_RUNDIR="+s.dir, "OVS_LOGDIR="+s.dir, "OVS_DBDIR="+s.dir, "OVS_SYSCONFDIR="+s.dir)
	return cmd
}

func (s *vswitch) run(name string, args ...string) {
	s.t.Helper()
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, strings.TrimSpace(string(out)))
	}
}

// start starts a daemon, which ends with the test.
func (s *vswitch) start(name string, args ...string) {
	s.t.Helper()
	cmd := s.command(name, args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (s *vswitch) waitFor(socket string) {
	eventually(s.t, socket, func() bool {
		_, err := os.Stat(s.path(socket))
		return err == nil
	})
}

// bridge makes a bridge of two ports that exports by the record given as ovs-vsctl writes it.
func (s *vswitch) bridge(column, record string) {
	args := "--db=unix:" + s.path("db.sock") + " add-br br0 -- set bridge br0 datapath_type=dummy fail-mode=standalone" +
		" -- add-port br0 p1 -- set interface p1 type=dummy -- add-port br0 p2 -- set interface p2 type=dummy" +
		" -- set bridge br0 " + column + "=@export -- --id=@export create " + record
	s.run("ovs-vsctl", strings.Fields(args)...)
}

// receive gives the frames of a file to a port, as if they had come in there.
func (s *vswitch) receive(port, path string) {
	f, err := os.Open(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		s.t.Fatal(err)
	}
	to := []string{"-t", s.path("switch.ctl"), "netdev-dummy/receive", port}
	args := slices.Clone(to)
	for more := true; more; {
		frame, _, err := r.ReadPacketData()
		switch {
		case errors.Is(err, io.EOF):
			more = false
		case err != nil:
			s.t.Fatal(err)
		default:
			args = append(args, hex.EncodeToString(frame))
		}
		if n := len(args) - len(to); n == queue || !more && n > 0 {
			s.run("ovs-appctl", args...)
			args = slices.Clone(to)
		}
	}
}

// queue is how many frames are given to a port at once; it holds a hundred and drops others.
const queue = 50

// TestOpenVSwitch: a switch that samples every packet.
func TestOpenVSwitch(t *testing.T) {
	for _, c := range []struct {
		protocol       flow.Protocol
		column, record string // with a place for the address of the receiver
		frame          uint64 // bytes beside the IP packet
	}{
		{flow.SFlow5, "sflow", `sFlow target="%s" header=128 sampling=1 polling=5 agent=127.0.0.1`, 18},
		// Of what comes in only: by default a switch exports a packet again for each port that it leaves by. "true" is what turns that off,
		// whatever the manual says.
		{flow.IPFIX, "ipfix", `IPFIX targets="%s" sampling=1 obs_domain_id=7 obs_point_id=8 cache_active_timeout=1 cache_max_flows=1000 other_config:enable-output-sampling=true`, 0},
	} {
		t.Run(c.protocol.String(), func(t *testing.T) {
			t.Parallel() // nearly all of the time it waits
			path := filepath.Join(t.TempDir(), "packets.pcap")
			begun := time.Now()
			want, _, _ := writePackets(t, path, true, 3)
			r := receive(t)
			s := startSwitch(t)
			s.bridge(c.column, fmt.Sprintf(c.record, strings.ReplaceAll(r.address.String(), `"`, "")))
			s.receive("p1", path)
			r.await(t, "the switch's records", want)
			checkAccount(t, r.core.Account)
			got := map[conversation]carried{}
			for i := range r.memory.records {
				rec := &r.memory.records[i]
				addRecord(t, got, rec, c.protocol)
				if at := time.Unix(0, rec.Start); at.Before(begun.Add(-time.Second)) || time.Unix(0, rec.End).After(time.Now().Add(time.Second)) {
					t.Errorf("record from %v, the packets were sent after %v", at, begun)
				}
			}
			for key, sum := range maps.Clone(want) {
				if sum.Bytes += sum.Packets * c.frame; c.protocol == flow.IPFIX {
					sum.Flags = 0 // it has counters of packets with each flag, but of the whole port
				}
				want[key] = sum
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(conversation{})); diff != "" {
				t.Errorf("packets (-) and records (+) differ:\n%s", diff)
			}
		})
	}
}
