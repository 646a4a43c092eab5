package sampling_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

var update = flag.Bool("update", false, "write the generated part of docs/sampling.md")

func TestClassOf(t *testing.T) {
	for _, c := range []struct {
		name     string
		interval float64
		source   flow.SamplingSource
		want     sampling.Class
	}{
		{"nothing said counts as 1", 0, flow.SamplingAssumed, sampling.Unsampled},
		{"1:1", 1, flow.SamplingHeader, sampling.Unsampled},
		{"4 of 10", 2.5, flow.SamplingOptions, sampling.UpTo10},
		{"1:10", 10, flow.SamplingOptions, sampling.UpTo10},
		{"1:11", 11, flow.SamplingOptions, sampling.UpTo100},
		{"1:100", 100, flow.SamplingOptions, sampling.UpTo100},
		{"1:101", 101, flow.SamplingOptions, sampling.UpTo1000},
		{"1:1000", 1000, flow.SamplingOverride, sampling.UpTo1000},
		{"1:4096", 4096, flow.SamplingHeader, sampling.Beyond},
		{"a sampler that was never described counts as above 1000", 1, flow.SamplingUnknown, sampling.Beyond},
		{"no number", math.NaN(), flow.SamplingHeader, sampling.Beyond},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sampling.ClassOf(sampling.Effective(c.interval, c.source)); got != c.want {
				t.Errorf("class %v, want %v", got, c.want)
			}
		})
	}
}

// TestLowestRate against the numbers of docs/sampling.md.
func TestLowestRate(t *testing.T) {
	for n, want := range map[float64]float64{0: 0, 1: 0, 100: 1000, 1000: 10_000, 4096: 6826.666666666667} {
		if got := sampling.LowestRate(n); math.Abs(got-want) > 1e-6 {
			t.Errorf("1:%v: %v packets/s, want %v", n, got, want)
		}
	}
}

// TestTable: unsampled all see fully, what is not full says why, names stand once, and no detector sees better at a higher interval.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range sampling.Rows() {
		for _, name := range row.Detectors {
			if seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
		last := sampling.Full
		for c, s := range row.Sights {
			if (c == 0) != (s.State == sampling.Full) || (s.State == sampling.Full) != (s.Why == "") {
				t.Errorf("%v at %v: %v %q", row.Detectors, sampling.Class(c), s.State, s.Why)
			}
			if s.State < last {
				t.Errorf("%v sees better at %v than below", row.Detectors, sampling.Class(c))
			}
			last = s.State
		}
	}
}

// TestPolicy holds the table to what docs/sampling.md has of each detector and class.
func TestPolicy(t *testing.T) {
	const full, less, off = sampling.Full, sampling.Degraded, sampling.Off
	for name, want := range map[string][sampling.NumClasses]sampling.State{
		"dos.volumetric.host":    {full, less, less, less, less},
		"dos.reflection.dns":     {full, less, less, less, less},
		"dos.reflection.stun":    {full, off, off, off, off},
		"dos.reflection.unknown": {full, off, off, off, off},
		"scan.horizontal":        {full, less, less, less, less},
		"scan.vertical":          {full, less, off, off, off},
		"scan.block":             {full, less, less, off, off},
		"brute.ssh":              {full, less, less, less, off},
		"brute.success":          {full, off, off, off, off},
		"exfil.session":          {full, less, less, less, less},
		"behav.new_login":        {full, less, less, less, less},
		"elsewhere":              {full, full, full, full, full},
	} {
		for c := range sampling.NumClasses {
			if got := sampling.Of(name, c).State; got != want[c] {
				t.Errorf("%s at %v: %v, want %v", name, c, got, want[c])
			}
			if off := slices.Contains(sampling.CannotSee(c), name); off && sampling.Sees(name, c) {
				t.Errorf("%s is listed as unseen at %v", name, c)
			}
		}
	}
	if list := sampling.CannotSee(sampling.Unsampled); list == nil || len(list) != 0 {
		t.Errorf("unsampled: %v", list)
	}
	if list := sampling.CannotSee(sampling.UpTo1000); !slices.Contains(list, "scan.vertical") || slices.Contains(list, "brute.ssh") {
		t.Errorf("1:1000: %v", list)
	}
}

func TestCaveat(t *testing.T) {
	for want, got := range map[string]string{
		"": sampling.Caveat("scan.horizontal", 1),
		"Sampled 1:250: 30,000 connections or more, severity is low at most.": sampling.Caveat("brute.ssh", 250),
		"The sampling interval is not known: from 1 GB.":                      sampling.Caveat("exfil.session", sampling.Unknown),
		"Sampled 1:2.5: 100 packets of the session must be sampled.":          sampling.Caveat("exfil.session", 2.5),
		"Sampled 1:5000: evidence only: told with severity info.":             sampling.Caveat("scan.horizontal", 5000),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

const docsPath = "../../../docs/sampling.md"

// TestDocs: docs/sampling.md shows the table as it is.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(text, []byte("<!-- sights -->\n"))
	_, after, ok2 := bytes.Cut(rest, []byte("<!-- /sights -->\n"))
	if !ok || !ok2 {
		t.Fatal("docs/sampling.md has no place for the table")
	}
	want := string(before) + "<!-- sights -->\n" + tableDocs() + "<!-- /sights -->\n" + string(after)
	if *update {
		if err := os.WriteFile(docsPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Error("docs/sampling.md does not show the table as it is: run go test ./shared/detect/sampling -update")
	}
}

func tableDocs() string {
	var b strings.Builder
	b.WriteString("| Detector |")
	for c := range sampling.NumClasses {
		fmt.Fprintf(&b, " %v |", c)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", int(sampling.NumClasses)) + "\n")
	for _, row := range sampling.Rows() {
		b.WriteString("| `" + strings.Join(row.Detectors, "`, `") + "` |")
		for c, s := range row.Sights {
			switch {
			case c > 0 && s == row.Sights[c-1]:
				b.WriteString(" as left |")
			case s.Why == "":
				fmt.Fprintf(&b, " %v |", s.State)
			default:
				fmt.Fprintf(&b, " **%v**: %s |", s.State, s.Why)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
