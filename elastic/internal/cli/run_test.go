package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/internal/cli"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// output is a stream that several goroutines write to.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
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

// TestRun: from nothing to the first documents, as the page tells.
func TestRun(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	good(t, "setup", "--node", s.URL, "--namespace", "run")
	port, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := port.LocalAddr().String()
	port.Close()
	data := t.TempDir()
	conf := file(t, "weir.yaml", fmt.Sprintf("listen: [%q]\napi: {listen: %q}\nelastic:\n  nodes: [%q]\n  namespace: run\n  tenant: acme\n", listen, "127.0.0.1:0", s.URL))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var says output
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, []string{"run", "--config", conf, "--data", data}, command.Streams{Out: &says, Err: &says})
	}()
	for deadline := time.Now().Add(time.Minute); !strings.Contains(says.String(), "weir-elastic is up") && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	sent := send(t, listen)
	there := 0
	for deadline := time.Now().Add(time.Minute); there < sent && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		there = documents(t, s, "logs-weir.flow-run")
	}
	cancel()
	if code := <-ended; code != 0 || there != sent || !strings.Contains(says.String(), "msg=stopped") {
		t.Errorf("exit code %d, %d documents of %d records\n%s", code, there, sent, says.String())
	}
}

// send sends some datagrams and returns how many records they have.
func send(t *testing.T, to string) (records int) {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 1, Protocol: encode.NetFlow9, Exporters: 1})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp4", to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	templates, err := mix.Templates(0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	datagrams := [][]byte{templates}
	for range 10 {
		datagrams = append(datagrams, bytes.Clone(mix.Next(0, time.Now())))
		records += mix.RecordsPerDatagram()
	}
	for _, d := range datagrams {
		if _, err := conn.Write(d); err != nil {
			t.Fatal(err)
		}
	}
	return records
}

func documents(t *testing.T, s *servertest.Server, target string) int {
	t.Helper()
	if status, _ := s.Do(t, http.MethodPost, "/"+target+"/_refresh", nil); status != http.StatusOK {
		return 0
	}
	var answer struct {
		Count int `json:"count"`
	}
	s.Must(t, http.MethodGet, "/"+target+"/_count", nil, &answer)
	return answer.Count
}

// randomRecords is a file of 500 records.
func randomRecords(t *testing.T) string {
	t.Helper()
	var lines []byte
	reg, b := flow.NewRegistry(), filtertest.RandomBatch(rand.New(rand.NewPCG(1, 2)), 500)
	for i := range b.Records {
		lines = append(flow.AppendJSON(lines, reg, b, &b.Records[i]), '\n')
	}
	return file(t, "records.jsonl", string(lines))
}

// TestReplay: a capture is sent once, however often it is replayed.
func TestReplay(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	good(t, "setup", "--node", s.URL, "--namespace", "replay")
	args := []string{"replay", randomRecords(t), "--node", s.URL, "--namespace", "replay", "--data", t.TempDir()}
	first := good(t, args...)
	if !strings.Contains(first, " 0 there already, 0 refused") {
		t.Error(first)
	}
	n := documents(t, s, "logs-weir.flow-replay")
	args[len(args)-1] = t.TempDir()
	second := good(t, args...)
	if got := documents(t, s, "logs-weir.flow-replay"); n == 0 || got != n || !strings.HasPrefix(second, fmt.Sprintf("%d records", n)) {
		t.Errorf("%d documents, then %d\n%s%s", n, got, first, second)
	}
	for _, args := range [][]string{{"replay"}, {"run", "--node", "http://h", "--flows", "some"}, {"replay", "x", "--speed", "-1", "--node", "http://h"}} {
		if code, _, errs := weir(t, args...); code != 2 {
			t.Errorf("%q: exit code %d: %s", args, code, errs)
		}
	}
}
