package normalize

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
)

const capturesDir = "../../../shared/captures/pcap"

// eachBatch decodes and normalizes a capture as weir decode does, a batch a datagram.
func eachBatch(t *testing.T, path string, each func(b *flow.Batch)) {
	t.Helper()
	capture, err := listen.OpenCapture(path, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Close()
	n, err := New(Config{Show: true}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	symbols := flow.NewSymbols()
	decoder := decode.New(decode.DefaultConfig(), decode.Deps{Account: flow.NewAccount(), Symbols: symbols})
	for {
		d, err := capture.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		b := flow.NewBatch(64, symbols)
		_ = decoder.Decode(d.Payload, d.Source, d.Received, b) // faults are on purpose in some captures
		n.Batch(b)
		each(b)
	}
}

func captures(t *testing.T) []string {
	t.Helper()
	if _, err := os.Stat(capturesDir); err != nil {
		t.Skipf("SKIPPED, no real captures: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(capturesDir, "*.pcap"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d captures: %v", len(files), err)
	}
	return files
}

// TestCapturesAreValid: of the records of real devices none is held to be impossible, old as they are, but those of the capture
// that was damaged on purpose.
func TestCapturesAreValid(t *testing.T) {
	const damaged = "001-logstash-netflow-5-invalid-01.pcap"
	for _, path := range captures(t) {
		invalid := map[string]int{}
		eachBatch(t, path, func(b *flow.Batch) {
			for i := range b.Records {
				if why := b.Records[i].Invalid; why != flow.ReasonNone {
					invalid[why.String()]++
				}
			}
		})
		if name := filepath.Base(path); (len(invalid) > 0) != (name == damaged) {
			t.Errorf("%s: %v", name, invalid)
		}
	}
}

// TestCapturesRoundTrip: the JSON of every real record is read back and shown in the same words.
func TestCapturesRoundTrip(t *testing.T) {
	reg := flow.NewRegistry()
	for _, path := range captures(t) {
		eachBatch(t, path, func(b *flow.Batch) {
			for i := range b.Records {
				line := string(flow.AppendJSON(nil, reg, b, &b.Records[i]))
				back := flow.NewBatch(1, b.Symbols)
				if err := flow.ParseJSON([]byte(line), reg, back); err != nil {
					t.Errorf("%s: %v\n%s", filepath.Base(path), err, line)
				} else if again := string(flow.AppendJSON(nil, reg, back, &back.Records[0])); again != line {
					t.Errorf("%s:\n%s\n%s", filepath.Base(path), line, again)
				}
			}
		})
	}
}

// TestCaptureTimes: header time, uptime and switched times as tshark 4 shows them, the rest worked out by hand.
func TestCaptureTimes(t *testing.T) {
	captures(t)
	for _, c := range []struct{ name, file, start, end string }{
		// Header 2015-05-02T18:38:08.280328, up 3.381 s; first is 1 ms before the wrap, last 2.577 s.
		{"v5, first before a wrap", "000-logstash-netflow-5-valid-01.pcap", "2015-05-02T18:38:04.898328Z", "2015-05-02T18:38:07.476328Z"},
		// Header 2019-03-30T11:40:08, up 0.003 s; first 4215019.773 s, last 4215020.202 s: 79947.526 s and 79947.097 s before.
		{"v9, an exporter that reads packets older than itself", "059-python-netflow-v9.pcap", "2019-03-29T13:27:40.474Z", "2019-03-29T13:27:40.903Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got [2]string
			eachBatch(t, filepath.Join(capturesDir, c.file), func(b *flow.Batch) {
				if len(b.Records) > 0 && got[0] == "" {
					got = [2]string{show(b.Records[0].Start), show(b.Records[0].End)}
				}
			})
			if diff := cmp.Diff([2]string{c.start, c.end}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
