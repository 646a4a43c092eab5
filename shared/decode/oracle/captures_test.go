package oracle

import (
	"encoding/csv"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/listen"
)

// capturesFolder lies beside the repository; the tests that need it are skipped where it is absent.
const capturesFolder = "../../../../shared/captures"

// capture is a row of expected.csv.
type capture struct {
	name             string // without .pcap
	path             string
	dataRecords      int
	optionsRecords   int
	sflowFlows       int // flow samples, expanded or not
	sflowCounters    int
	tsharkFlows      int // -1 where it was not counted
	nfdumpFlows      int
	setsWithTemplate bool // every data set has its template before it
}

func captures(t *testing.T) []capture {
	t.Helper()
	f, err := os.Open(filepath.Join(capturesFolder, "expected.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("SKIPPED: no captures at %s", capturesFolder)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []capture
	for _, r := range rows[1:] {
		c := capture{name: strings.TrimSuffix(r[0], ".pcap"), path: filepath.Join(capturesFolder, "pcap", r[0])}
		c.dataRecords, c.optionsRecords = count(r[6], 0), count(r[7], 0)
		c.setsWithTemplate = count(r[8], 0) == 0
		c.tsharkFlows, c.nfdumpFlows = count(r[10], -1), count(r[11], -1)
		for _, part := range strings.Fields(r[9]) {
			kind, n, _ := strings.Cut(part, ":")
			if strings.HasSuffix(kind, "flow") {
				c.sflowFlows += count(n, 0)
			} else {
				c.sflowCounters += count(n, 0)
			}
		}
		list = append(list, c)
	}
	return list
}

func count(s string, absent int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return absent
	}
	return n
}

// datagram is one of a capture or made up.
type datagram struct {
	payload []byte
	source  netip.AddrPort
}

func (c capture) datagrams(t *testing.T) []datagram {
	t.Helper()
	file, err := listen.OpenCapture(c.path, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var list []datagram
	for {
		d, err := file.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, datagram{payload: slices.Clone(d.Payload), source: d.Source})
	}
}
