package hec_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/hec"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// childURL, childCA and childDir in the environment make the test binary a process that sends events without end.
const (
	childURL = "WEIR_TEST_HEC_URL"
	childCA  = "WEIR_TEST_HEC_CA"
	childDir = "WEIR_TEST_HEC_DIR"
)

func TestMain(m *testing.M) {
	if os.Getenv(childURL) != "" {
		fmt.Fprintln(os.Stderr, sendWithoutEnd())
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func childConfig(url, ca, dir string) hec.Config {
	c := hec.DefaultConfig()
	c.URLs, c.Token, c.TLS, c.Dir = []string{url}, config.Secret{Value: token}, sink.TLS{CA: ca}, dir
	c.Age, c.AckEvery, c.AckTimeout, c.Piece = 5*time.Millisecond, 5*time.Millisecond, 200*time.Millisecond, 4<<10
	c.FirstWait, c.MostWait, c.Linger, c.Wait = time.Millisecond, 20*time.Millisecond, 50*time.Millisecond, true
	return c
}

func sendWithoutEnd() error {
	s, err := hec.New(childConfig(os.Getenv(childURL), os.Getenv(childCA), os.Getenv(childDir)), hec.Deps{})
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if i%50 == 0 {
			time.Sleep(time.Millisecond) // it is to last until it is killed
		}
		if err := s.Put(context.Background(), &cim.Event{Kind: cim.Flow, JSON: fmt.Appendf(nil, `{"id":"%d"}`, i)}); err != nil {
			return err
		}
	}
}

// TestKill: a process that is killed amid its work loses what was not on disk yet, which is the last, and nothing before it.
func TestKill(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true, AckAfter: 2, Fault: func(n int) hectest.Fault {
		return []hectest.Fault{{}, {}, {LostData: true}, {}, {LostAnswer: true}, {}, {Code: 9}}[n%7]
	}})
	dir := t.TempDir()
	for run := range 2 {
		child := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // it is this test
		child.Env = append(os.Environ(), childURL+"="+server.URL(), childCA+"="+server.CA(), childDir+"="+dir)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return server.Posts() > 40*(run+1) })
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
	}
	before := server.Safe()
	s, _ := begin(t, childConfig(server.URL(), server.CA(), dir))
	st := drain(t, s)
	counts := server.Counts()
	for i := range len(counts) {
		if counts[fmt.Sprint(i)] == 0 {
			t.Fatalf("event %d of %d is missing", i, len(counts))
		}
	}
	t.Logf("%d events before, %d in the end: %+v", before, len(counts), st)
}
