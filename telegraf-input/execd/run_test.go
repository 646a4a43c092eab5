package execd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/telegraf-input/flowinput"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output is a stream that may be read while it is written.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// conf writes a configuration that listens on any port.
func conf(t *testing.T, more string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.conf")
	text := "[[inputs.weir]]\n  listen = [\"127.0.0.1:0\"]\n  state = \"" + filepath.ToSlash(t.TempDir()) + "\"\n" + more
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestLife: a newline gathers, the end of stdin ends the process after a pause behind the last line.
func TestLife(t *testing.T) {
	in, stdin := io.Pipe()
	var out, log output
	atPause := make(chan string, 1)
	code := make(chan int, 1)
	go func() {
		code <- Run([]string{"-config", conf(t, ""), "-poll_interval_disabled"}, Process{In: in, Out: &out, Err: &log, Sleep: func(d time.Duration) {
			if d == Linger {
				atPause <- out.String()
			}
		}})
	}()
	eventually(t, "the start", func() bool { return strings.Contains(log.String(), "I! weir is up") })
	if out.String() != "" {
		t.Errorf("told unasked: %s", out.String())
	}
	if _, err := io.WriteString(stdin, "\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "metrics", func() bool { return strings.Contains(out.String(), "weir_input ") })
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if c := <-code; c != 0 {
		t.Errorf("exit code %d: %s", c, log.String())
	}
	if before := <-atPause; before != out.String() || strings.Count(before, "weir_input ") < 2 {
		t.Errorf("lines behind the pause, or no last ones:\n%s\nthen\n%s", before, out.String())
	}
	for line := range strings.Lines(log.String()) {
		if !regexp.MustCompile(`^[EWIDT]! \S`).MatchString(line) {
			t.Errorf("Telegraf takes this line of the log for an error: %q", line)
		}
	}
}

// TestSignal: a signal ends the process as the end of stdin does; the input tells by itself while no newlines come.
func TestSignal(t *testing.T) {
	in, stdin := io.Pipe()
	defer stdin.Close()
	signals := make(chan os.Signal, 1)
	var out, log output
	code := make(chan int, 1)
	go func() {
		code <- Run([]string{"-config", conf(t, ""), "-poll_interval", "10ms"}, Process{In: in, Out: &out, Err: &log, Signals: signals, Sleep: func(time.Duration) {}})
	}()
	eventually(t, "metrics", func() bool { return strings.Contains(out.String(), "weir_input ") })
	signals <- os.Interrupt
	if c := <-code; c != 0 {
		t.Errorf("exit code %d: %s", c, log.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestTelegrafIsGone: when nobody reads any more the process ends.
func TestTelegrafIsGone(t *testing.T) {
	in, stdin := io.Pipe()
	defer stdin.Close()
	var log output
	code := Run([]string{"-config", conf(t, ""), "-poll_interval", "10ms"}, Process{In: in, Out: broken{}, Err: &log, Sleep: func(time.Duration) {}})
	if code != 1 || !strings.Contains(log.String(), "E! metrics cannot be written: broken pipe") {
		t.Errorf("exit code %d: %s", code, log.String())
	}
}

func TestWrongUse(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		log  string
	}{
		{"unknown flag", []string{"-nothing"}, 2, "not defined"},
		{"argument", []string{"weir.conf"}, 2, "unexpected argument"},
		{"no time between polls", []string{"-poll_interval", "0s"}, 2, "must be positive"},
		{"no such file", []string{"-config", "/nonexistent/weir.conf"}, 1, "read configuration"},
		{"unknown key", []string{"-config", conf(t, "  priod = \"1m\"\n")}, 1, `unknown key "priod"`},
		{"unknown setting", []string{"-config", conf(t, "  [inputs.weir.settings]\n    insde = []\n")}, 1, `did you mean "inside"?`},
		{"no TOML", []string{"-config", conf(t, "  listen\n")}, 1, "weir.conf"},
		{"wrong kind", []string{"-config", conf(t, "  by = 3\n")}, 1, "by"},
		{"unknown level", []string{"-config", conf(t, "  log_level = \"loud\"\n")}, 1, "log_level"},
		{"another plugin", []string{"-config", conf(t, "[[inputs.cpu]]\n")}, 1, "one [[inputs.weir]]"},
		{"two of them", []string{"-config", conf(t, "[[inputs.weir]]\n")}, 1, "one [[inputs.weir]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log output
			if code := Run(c.args, Process{In: strings.NewReader(""), Out: io.Discard, Err: &log, Sleep: func(time.Duration) {}}); code != c.code || !strings.Contains(log.String(), c.log) {
				t.Errorf("exit code %d: %s", code, log.String())
			}
		})
	}
}

func TestUsage(t *testing.T) {
	var out, log output
	if code := Run([]string{"-usage"}, Process{Out: &out, Err: &log}); code != 0 || out.String() != flowinput.Sample {
		t.Errorf("exit code %d: %s%s", code, out.String(), log.String())
	}
	if code := Run([]string{"-help"}, Process{Out: &out, Err: &log}); code != 0 || !strings.Contains(log.String(), "[[inputs.execd]]") {
		t.Errorf("exit code %d: %s", code, log.String())
	}
}

// TestVariables: ${NAME} is a variable of the environment.
func TestVariables(t *testing.T) {
	t.Setenv("WEIR_LISTEN", "127.0.0.1:9")
	path := filepath.Join(t.TempDir(), "weir.conf")
	if err := os.WriteFile(path, []byte("[[inputs.weir]]\n  listen = [\"${WEIR_LISTEN}\"]\n  log_level = \"debug\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := load(path)
	if err != nil || len(p.Listen) != 1 || p.Listen[0] != "127.0.0.1:9" || p.LogLevel != "debug" {
		t.Errorf("%+v, %v", p.Input, err)
	}
}
