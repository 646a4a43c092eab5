// Package snmptest runs Net-SNMP's snmpd with simulated interfaces, for tests: a child process on a loopback port with a configuration and
// folders of its own. What it serves stands in a file, which the test's own binary, run by snmpd, reads for every request.
package snmptest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Credentials of every agent.
const (
	Community       = "weir-test"
	User            = "weir"
	AuthPassword    = "authentication" // SHA-256
	PrivacyPassword = "encryption"     // AES
)

// Interface is what an agent says of an interface.
type Interface struct {
	Index       uint32
	Descr       string
	Name, Alias string // of ifXTable
	Speed       uint64 // bit/s
	Admin, Oper int    // as in IF-MIB: 1 is up, 2 down
	Bits        int    // 64: both tables; 32: ifTable alone
	In, Out     Counters
}

// Counters are those of a direction.
type Counters struct{ Octets, Unicast, Multicast, Broadcast, Discards, Errors uint64 }

// Agent is a running snmpd.
type Agent struct {
	t       *testing.T
	dir     string
	Address string // HOST:PORT
	cmd     *exec.Cmd
	exited  chan struct{}
}

// valuesVariable names the environment variable with the path of the values; where it is set, the binary is run by snmpd.
const valuesVariable = "WEIR_SNMPTEST_VALUES"

// roots are the parts of the MIB that are served.
var roots = []string{uptime, ifEntry, ifXEntry}

const (
	uptime   = ".1.3.6.1.2.1.1.3"
	ifEntry  = ".1.3.6.1.2.1.2.2.1"
	ifXEntry = ".1.3.6.1.2.1.31.1.1.1"
)

// find returns the path of snmpd; the test is skipped where it is not installed, or fails where nothing may skip.
func find(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"snmpd", "/usr/sbin/snmpd", "/usr/local/sbin/snmpd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("WEIR_CI") != "" {
		t.Fatal("snmpd is not installed: scripts/setup test")
	}
	t.Skip("SKIPPED: snmpd is not installed, the test against a real agent does not run")
	return ""
}

// Start runs an agent that serves nothing yet; it ends with the test. The test's TestMain must call [Main].
func Start(t *testing.T) *Agent {
	t.Helper()
	bin := find(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a := &Agent{t: t, dir: t.TempDir(), Address: freePort(t), exited: make(chan struct{})}
	a.Serve(0)
	var conf strings.Builder
	fmt.Fprintf(&conf, "agentaddress udp:%s\nrocommunity %s 127.0.0.1\n", a.Address, Community)
	fmt.Fprintf(&conf, "createUser %s SHA-256 %q AES %q\nrouser %s priv\n", User, AuthPassword, PrivacyPassword, User)
	for _, root := range roots {
		fmt.Fprintf(&conf, "pass_persist -p 1 %s %s %s\n", root, self, root)
	}
	if err := os.WriteFile(a.path("snmpd.conf"), []byte(conf.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Its own interfaces would be served beside ours.
	a.cmd = exec.Command(bin, "-f", "-Le", "-C", "-c", a.path("snmpd.conf"), "-I", "-ifTable,-ifXTable,-interface,-interfaces", "--persistentDir="+a.path("state"), "-p", a.path("pid"))
	a.cmd.Env = append(os.Environ(), valuesVariable+"="+a.path("values"), "MIBS=", "MIBDIRS="+a.dir, "SNMP_PERSISTENT_DIR="+a.path("state"), "SNMPCONFPATH="+a.dir)
	log, err := os.Create(a.path("log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	a.cmd.Stdout, a.cmd.Stderr = log, log
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = a.cmd.Wait(); close(a.exited) }()
	t.Cleanup(a.stop)
	return a
}

func (a *Agent) stop() {
	_ = a.cmd.Process.Kill()
	<-a.exited
}

func (a *Agent) path(name string) string { return filepath.Join(a.dir, name) }

func freePort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.LocalAddr().String()
}

// Await waits until the agent answers: ask returns nil then.
func (a *Agent) Await(ask func() error) {
	a.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-a.exited:
			err = errors.Join(err, errors.New("snmpd has ended"))
		default:
			if time.Now().Before(deadline) {
				continue
			}
		}
		text, _ := os.ReadFile(a.path("log"))
		a.t.Fatalf("snmpd does not answer: %v\n%s", err, text)
	}
}

// Serve sets what the agent says from now on: its uptime and its interfaces.
func (a *Agent) Serve(up time.Duration, interfaces ...Interface) {
	a.t.Helper()
	var lines []string
	add := func(oid, kind string, value any) { lines = append(lines, fmt.Sprintf("%s\t%s\t%v", oid, kind, value)) }
	add(uptime+".0", "timeticks", up.Milliseconds()/10)
	for i := range interfaces {
		interfaces[i].lines(add)
	}
	if err := os.WriteFile(a.path("values.new"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		a.t.Fatal(err)
	}
	if err := os.Rename(a.path("values.new"), a.path("values")); err != nil {
		a.t.Fatal(err)
	}
}

// lines gives the objects of an interface (RFC 2863).
func (i *Interface) lines(add func(oid, kind string, value any)) {
	at := func(entry string, column int) string { return fmt.Sprintf("%s.%d.%d", entry, column, i.Index) }
	add(at(ifEntry, 2), "string", i.Descr)
	add(at(ifEntry, 3), "integer", 6)
	add(at(ifEntry, 5), "gauge", min(i.Speed, 1<<32-1))
	add(at(ifEntry, 7), "integer", i.Admin)
	add(at(ifEntry, 8), "integer", i.Oper)
	for side, c := range []Counters{i.In, i.Out} {
		first := 10 + 6*side
		add(at(ifEntry, first), "counter", uint32(c.Octets))
		add(at(ifEntry, first+1), "counter", uint32(c.Unicast))
		add(at(ifEntry, first+3), "counter", uint32(c.Discards))
		add(at(ifEntry, first+4), "counter", uint32(c.Errors))
		if i.Bits == 64 {
			first := 6 + 4*side
			for n, v := range []uint64{c.Octets, c.Unicast, c.Multicast, c.Broadcast} {
				add(at(ifXEntry, first+n), "counter64", v)
			}
		}
	}
	if i.Bits == 64 {
		add(at(ifXEntry, 1), "string", i.Name)
		add(at(ifXEntry, 15), "gauge", i.Speed/1e6)
		add(at(ifXEntry, 18), "string", i.Alias)
	}
}
