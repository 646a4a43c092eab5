package listen

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// scripted is a source of datagrams at given times; err comes at its end. It overwrites its last payload, as sources may.
type scripted struct {
	name   string
	times  []int64
	err    error
	buffer []byte
}

func (s *scripted) Next() (Datagram, error) {
	if len(s.buffer) > 0 {
		copy(s.buffer, "overwritten")
	}
	if len(s.times) == 0 {
		if s.err != nil {
			return Datagram{}, s.err
		}
		return Datagram{}, io.EOF
	}
	s.buffer = append(s.buffer[:0], s.name...)
	d := Datagram{Payload: s.buffer, Received: s.times[0]}
	s.times = s.times[1:]
	return d, nil
}

func TestMergeOrder(t *testing.T) {
	for name, c := range map[string]struct {
		sources []Source
		want    string
	}{
		"none":                    {nil, ""},
		"one":                     {[]Source{&scripted{name: "a", times: []int64{1, 2, 3}}}, "aaa"},
		"interleaved":             {[]Source{&scripted{name: "a", times: []int64{1, 4}}, &scripted{name: "b", times: []int64{2, 3, 5}}}, "abbab"},
		"equal times":             {[]Source{&scripted{name: "a", times: []int64{7, 7}}, &scripted{name: "b", times: []int64{7}}, &scripted{name: "c", times: []int64{6}}}, "caab"},
		"a source out of order":   {[]Source{&scripted{name: "a", times: []int64{5, 1, 6}}, &scripted{name: "b", times: []int64{2, 7}}}, "baaab"},
		"an empty source":         {[]Source{&scripted{name: "a"}, &scripted{name: "b", times: []int64{1}}}, "b"},
		"as many as there may be": {[]Source{&scripted{name: "a", times: []int64{3}}, &scripted{name: "b", times: []int64{2}}, &scripted{name: "c", times: []int64{1}}}, "cba"},
	} {
		if got := strings.Join(payloads(t, MergeSources(c.sources...)), ""); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMergeGoesOnAfterAnError(t *testing.T) {
	broken := errors.New("broken")
	m := MergeSources(&scripted{name: "a", times: []int64{1}, err: broken}, &scripted{name: "b", times: []int64{2, 3}}, &scripted{err: broken})
	var got []string
	failures := 0
	for {
		d, err := m.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			failures++
			continue
		}
		got = append(got, string(d.Payload))
	}
	if strings.Join(got, "") != "abb" || failures != 2 {
		t.Errorf("got %q and %d errors, want abb and 2", got, failures)
	}
}

func TestMergeDoesNotAllocate(t *testing.T) {
	times := make([]int64, 5000)
	m := MergeSources(&scripted{name: "a", times: times}, &scripted{name: "b", times: times})
	_, _ = m.Next()
	if n := testing.AllocsPerRun(1000, func() { _, _ = m.Next() }); n > 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

func TestMergeCapturesOpensAllOrNone(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.pcap"), filepath.Join(dir, "bad.pcap")
	if err := errors.Join(os.WriteFile(good, pcapOf(layers.LinkTypeRaw, udp4("x")), 0o600), os.WriteFile(bad, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := MergeCaptures([]string{good, bad}, CaptureConfig{}); !errors.Is(err, ErrNotCapture) {
		t.Errorf("error %v, want ErrNotCapture", err)
	}
	c, err := MergeCaptures([]string{good, good}, CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got := payloads(t, c); len(got) != 2 || c.Stats().Packets != 2 {
		t.Errorf("payloads %q, %+v", got, c.Stats())
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
}
