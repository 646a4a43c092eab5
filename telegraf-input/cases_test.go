package telegraf_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/internal/playtest"
)

var update = flag.Bool("update", false, "write the expected metrics of testdata anew")

// TestCases runs each folder of testdata: Telegraf with telegraf.conf starts the plugin with weir.conf, the captures that
// captures.txt names are sent to it, and Telegraf writes the lines of expected.out. What is told of again and again with the time of
// telling is left out; where protocols have no clock, times are.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/telegraf.conf")
	if err != nil || len(folders) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range folders {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			runCase(t, dir)
		})
	}
}

func runCase(t *testing.T, dir string) {
	binary := telegraf(t)
	var paths []string
	for _, name := range strings.Fields(read(t, filepath.Join(dir, "captures.txt"))) {
		paths = append(paths, capture(t, name))
	}
	r := start(t, binary, read(t, filepath.Join(dir, "telegraf.conf")), read(t, filepath.Join(dir, "weir.conf")))
	sent := playtest.Send(t, r.address(1), paths...)
	r.eventually("all datagrams", func() bool { return r.received() == sent })
	got := steady(r.stop(), strings.Contains(strings.Join(paths, " "), "sflow"))
	file := filepath.Join(dir, "expected.out")
	if *update {
		write(t, file, strings.Join(got, "\n")+"\n")
		return
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(read(t, file)), "\n"), got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	untimely = regexp.MustCompile(`^weir_(input|input_tag|exporter|alert_active)\b`)
	stamp    = regexp.MustCompile(` \d+$`)
	instants = regexp.MustCompile(`\b(start|end)=\d+i`)
)

// steady returns the lines that are the same in every run, sorted.
func steady(lines []string, noTimes bool) (list []string) {
	for _, line := range lines {
		if untimely.MatchString(line) {
			continue
		}
		if noTimes {
			line = instants.ReplaceAllString(stamp.ReplaceAllString(line, ""), "$1=")
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}
