package listen

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// recorded is the folder of captures from real exporters, which lies beside the repository.
const recorded = "../../../shared/captures"

// TestRecordedCaptures compares with the numbers of datagrams that an independent script counted.
func TestRecordedCaptures(t *testing.T) {
	f, err := os.Open(filepath.Join(recorded, "expected.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("SKIPPED: no recorded captures in %s", recorded)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	total := 0
	for _, row := range rows[1:] {
		path := filepath.Join(recorded, "pcap", row[0])
		want, err := strconv.Atoi(row[3])
		if err != nil {
			t.Fatal(err)
		}
		checkRecorded(t, path, want)
		paths = append(paths, path)
		total += want
	}
	checkMerged(t, paths, total)
}

func checkRecorded(t *testing.T, path string, want int) {
	t.Helper()
	c, err := OpenCapture(path, CaptureConfig{})
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = c.Close() }()
	got := len(payloads(t, c))
	if got != want || len(c.Stats().Skipped()) > 0 || c.Truncated() {
		t.Errorf("%s: %d datagrams, want %d; %+v", path, got, want, c.Stats())
	}
	if read, size := c.Position(); read != size || size == 0 {
		t.Errorf("%s: position %d of %d at the end", path, read, size)
	}
}

func checkMerged(t *testing.T, paths []string, want int) {
	t.Helper()
	all, err := MergeCaptures(paths, CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = all.Close() }()
	if got := len(payloads(t, all)); got != want || all.Stats().Datagrams != uint64(want) {
		t.Errorf("merged: %d datagrams, want %d; %+v", got, want, all.Stats())
	}
}
