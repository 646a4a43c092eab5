package telegraf_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tool returns the path of an installed program, which scripts/setup test installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("WEIR_CI") != "" {
		t.Fatalf("no %s: %v", name, err)
	}
	t.Skipf("SKIPPED: no %s (scripts/setup test): %v", name, err)
	return ""
}

// server starts a program that serves until the test ends, and waits until a URL of it answers with success.
func server(t *testing.T, ready, name string, args ...string) {
	t.Helper()
	path := tool(t, name)
	log, err := os.Create(filepath.Join(t.TempDir(), name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, filepath.Dir(log.Name())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }() // by a signal
	t.Cleanup(func() {
		endServer(cmd, ended)
		if t.Failed() {
			t.Logf("%s:\n%s", name, read(t, log.Name()))
		}
		_ = log.Close() // its end has been read
	})
	eventually(t, name, func() bool {
		select {
		case <-ended:
			t.Fatalf("%s has ended:\n%s", name, read(t, log.Name()))
		default:
		}
		r, err := http.Get(ready)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		return r.StatusCode/100 == 2
	})
}

func endServer(cmd *exec.Cmd, ended <-chan struct{}) {
	_ = cmd.Process.Signal(syscall.SIGTERM) // may have ended already
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill() // likewise
		<-ended
	}
}

// eventually waits until ok holds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// freeTCP returns a loopback address that nobody listens at.
func freeTCP(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// ask gets a URL with parameters and reads its JSON into a value.
func ask(t *testing.T, base string, parameters map[string]string, into any) {
	t.Helper()
	values := url.Values{}
	for k, v := range parameters {
		values.Set(k, v)
	}
	r, err := http.Get(base + "?" + values.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("%v: %s, %s, %v", parameters, r.Status, text, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// shipped returns a file that is shipped, with parts of it replaced, each of which must be there.
func shipped(t *testing.T, path string, replace ...string) string {
	t.Helper()
	text := read(t, path)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("%s has no %q", path, replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	return text
}
