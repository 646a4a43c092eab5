package sink_test

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/flow"
)

// TestRate compares the sink with a bare BulkIndexer that sends the same documents to the same server, in turns, and tells the CPU that a record
// costs. It takes a minute of an idle machine: WEIR_RATE=1 go test ./elastic/sink -run TestRate -v.
func TestRate(t *testing.T) {
	if os.Getenv("WEIR_RATE") == "" {
		t.Skip("WEIR_RATE is not set")
	}
	s := servertest.Start(t, servertest.Elasticsearch)
	c := connect(t, s)
	const batches, size, rounds = 15, 2000, 3
	var best [2]float64 // documents a second, bare and ours
	for round := range rounds {
		namespaces := [2]string{"bare" + string(rune('a'+round)), "ours" + string(rune('a'+round))}
		for i, namespace := range namespaces {
			targets(t, s, namespace)
			w := newTraffic()
			var list []*flow.Batch
			for range batches {
				list = append(list, w.batch(size))
			}
			runtime.GC()
			began, cpu := time.Now(), cpuTime()
			if i == 0 {
				bare(t, c, namespace, list)
			} else {
				cfg := settings(t)
				cfg.Namespace, cfg.Piece, cfg.Senders = namespace, 4<<20, 2
				out := start(t, cfg, sink.Deps{Server: c})
				for _, b := range list {
					if err := out.WriteBatch(context.Background(), b); err != nil {
						t.Fatal(err)
					}
				}
				drain(t, out)
			}
			rate := batches * size / time.Since(began).Seconds()
			best[i] = max(best[i], rate)
			t.Logf("%s: %.0f documents/s, %.1f µs of CPU a document", namespace, rate, float64(cpuTime()-cpu)/float64(time.Microsecond)/(batches*size))
			if n := count(t, s, document.Flow.Target(namespace)); n != batches*size {
				t.Errorf("%d documents", n)
			}
		}
	}
	t.Logf("the sink reaches %.0f %% of a bare BulkIndexer", 100*best[1]/best[0])
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bare sends the documents by a BulkIndexer of the same sizes.
func bare(t *testing.T, c *client.Client, namespace string, list []*flow.Batch) {
	t.Helper()
	indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: c, Index: document.Flow.Target(namespace), NumWorkers: 2, FlushBytes: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	e := document.NewEncoder(document.Config{})
	for _, b := range list {
		for i := range b.Records {
			doc := e.AppendRecord(nil, b, &b.Records[i])
			if err := indexer.Add(t.Context(), esutil.BulkIndexerItem{Action: "create", DocumentID: b.Records[i].ID.String(), Body: bytes.NewReader(doc)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := indexer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := indexer.Stats(); st.NumFailed > 0 {
		t.Fatalf("%+v", st)
	}
}
