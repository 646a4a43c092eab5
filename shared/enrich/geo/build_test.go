package geo

import (
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// network is a network of a test file with its record: map[string]any, string, uint16, uint32 or uint64.
type network struct {
	prefix string
	record any
}

// build writes a file by MaxMind DB format specification 2.0 with records of 24 bits.
func build(version uint16, networks ...network) []byte {
	tree := [][2]int{{}} // 0: nothing; n > 0: node n; n < 0: data at offset -n-1
	var data []byte
	for _, n := range networks {
		leaf := -len(data) - 1
		data = appendValue(data, n.record)
		p := netip.MustParsePrefix(n.prefix)
		bits, length := p.Addr().AsSlice(), p.Bits()
		if version == 6 && p.Addr().Is4() {
			bits, length = append(make([]byte, 12), bits...), length+96
		}
		node := 0
		for i := range length {
			side := bits[i/8] >> (7 - i%8) & 1
			switch {
			case i == length-1:
				tree[node][side] = leaf
			case tree[node][side] == 0:
				tree = append(tree, [2]int{})
				tree[node][side] = len(tree) - 1
				node = len(tree) - 1
			default:
				node = tree[node][side]
			}
		}
	}
	return assemble(version, tree, data)
}

func assemble(version uint16, tree [][2]int, data []byte) (out []byte) {
	for _, node := range tree {
		for _, v := range node {
			switch {
			case v == 0:
				v = len(tree)
			case v < 0:
				v = len(tree) + 16 - v - 1
			}
			out = append(out, byte(v>>16), byte(v>>8), byte(v))
		}
	}
	out = append(append(out, make([]byte, 16)...), data...)
	return appendValue(append(out, "\xab\xcd\xefMaxMind.com"...), map[string]any{
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0), "build_epoch": uint64(1_700_000_000),
		"database_type": "Test", "description": map[string]any{"en": "made by a test"}, "ip_version": version,
		"node_count": uint32(len(tree)), "record_size": uint16(24),
	})
}

// appendValue appends a value of fewer than 29 bytes or pairs.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(append(b, 2<<5|byte(len(v))), v...)
	case uint16:
		return binary.BigEndian.AppendUint16(append(b, 5<<5|2), v)
	case uint32:
		return binary.BigEndian.AppendUint32(append(b, 6<<5|4), v)
	case uint64:
		return binary.BigEndian.AppendUint64(append(b, 8, 9-7), v)
	}
	m := v.(map[string]any)
	b = append(b, 7<<5|byte(len(m)))
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b = appendValue(appendValue(b, k), m[k])
	}
	return b
}

// put writes a file as a download does: beside, then moved into place.
func put(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// folder is a new folder with the files given.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		put(t, filepath.Join(dir, name), content)
	}
	return dir
}

// started is a locator of the files of cfg, looked at only by Reload.
func started(t testing.TB, cfg Config) *Locator {
	t.Helper()
	l, err := New(cfg, Deps{Ticks: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	return l
}
