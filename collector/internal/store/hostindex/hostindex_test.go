package hostindex_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hostindex"
)

// made is an index with what it was made of.
type made struct {
	file   []byte
	groups []hostindex.Group
	keys   []map[hostindex.Key]bool
}

func build(t testing.TB, rng *rand.Rand, groups, keys int) made {
	t.Helper()
	m := made{}
	b := hostindex.Builder{Empty: []string{"source_mac", "weir_elements"}}
	var set hostindex.Set
	for range groups {
		set.Reset()
		has := map[hostindex.Key]bool{}
		for range keys {
			// Some addresses are in many groups.
			k := hostindex.KeyOf(rng.Uint64N(2), rng.Uint64N(uint64(4*keys)))
			set.Add(k)
			has[k] = true
		}
		g := hostindex.Group{Rows: keys + 1, Keys: len(has), First: rng.Int64() - 1<<62, From: rng.Int64(), To: -rng.Int64(), Told: rng.IntN(2) == 0}
		b.Add(g, set.Sorted())
		m.groups, m.keys = append(m.groups, g), append(m.keys, has)
	}
	var err error
	if m.file, err = b.Bytes(12345); err != nil {
		t.Fatal(err)
	}
	return m
}

func read(t testing.TB, file []byte) *hostindex.Index {
	t.Helper()
	x, err := hostindex.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func find(t testing.TB, x *hostindex.Index, file []byte, c hostindex.Condition) hostindex.Bitmap {
	t.Helper()
	found, err := x.Find(bytes.NewReader(file), c)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestFindsWhatIsThere: an address is found in every row group that holds it, and in few others.
func TestFindsWhatIsThere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []struct{ groups, keys int }{{0, 0}, {1, 0}, {1, 1}, {3, 10}, {2, 5000}, {130, 300}, {5, 20000}} {
		m := build(t, rng, size.groups, size.keys)
		x := read(t, m.file)
		if len(x.Groups) != size.groups || x.Bytes != 12345 || x.Empty != "source_mac,weir_elements" || x.Size != int64(len(m.file)) {
			t.Fatalf("%v: %d groups of a file of %d bytes", size, len(x.Groups), x.Bytes)
		}
		wrong, asked := 0, 0
		for range 2000 {
			k := hostindex.KeyOf(rng.Uint64N(2), rng.Uint64N(uint64(4*size.keys+1)))
			found := find(t, x, m.file, hostindex.OneOf(k))
			for g := range m.groups {
				if x.Groups[g] != m.groups[g] {
					t.Fatalf("group %d is %+v, wanted %+v", g, x.Groups[g], m.groups[g])
				}
				asked++
				switch {
				case m.keys[g][k] && !found.Has(g):
					t.Fatalf("%v: %x is in group %d and is not found", size, k, g)
				case !m.keys[g][k] && found.Has(g):
					wrong++
				}
			}
		}
		if share := float64(wrong) / float64(max(asked, 1)); share > 0.006 {
			t.Errorf("%v: %.4f of the answers name a group in vain", size, share)
		}
	}
}

// TestRoom: an index takes about 10 bits an address.
func TestRoom(t *testing.T) {
	m := build(t, rand.New(rand.NewPCG(3, 4)), 20, 20000)
	n := 0
	for _, has := range m.keys {
		n += len(has)
	}
	if size := float64(len(m.file)) * 8 / float64(n); size > 11 {
		t.Errorf("%.2f bits an address", size)
	}
}

func TestConditions(t *testing.T) {
	var b hostindex.Builder
	for _, ips := range [][]uint64{{1, 2}, {2, 3}, {3, 4}} {
		var set hostindex.Set
		for _, ip := range ips {
			set.Add(hostindex.KeyOf(0, ip))
		}
		b.Add(hostindex.Group{Rows: 2}, set.Sorted())
	}
	file, err := b.Bytes(1)
	if err != nil {
		t.Fatal(err)
	}
	x := read(t, file)
	ip := func(list ...uint64) hostindex.Condition {
		keys := make([]hostindex.Key, len(list))
		for i := range list {
			keys[i] = hostindex.KeyOf(0, list[i])
		}
		return hostindex.OneOf(keys...)
	}
	nothing := hostindex.Condition{}
	for name, c := range map[string]struct {
		condition hostindex.Condition
		groups    [3]bool
	}{
		"one":                  {ip(1), [3]bool{true, false, false}},
		"list":                 {ip(4, 1, 1), [3]bool{true, false, true}},
		"absent":               {ip(9), [3]bool{}},
		"empty list":           {ip(), [3]bool{}},
		"needs nothing":        {nothing, [3]bool{true, true, true}},
		"and":                  {hostindex.AllOf(ip(2), nothing, ip(3)), [3]bool{false, true, false}},
		"and of nothing":       {hostindex.AllOf(nothing), [3]bool{true, true, true}},
		"or":                   {hostindex.AnyOf(ip(1), ip(4)), [3]bool{true, false, true}},
		"or with a side open":  {hostindex.AnyOf(ip(1), nothing), [3]bool{true, true, true}},
		"or of ands":           {hostindex.AnyOf(hostindex.AllOf(ip(1), ip(2)), ip(4)), [3]bool{true, false, true}},
		"and of ors":           {hostindex.AllOf(hostindex.AnyOf(ip(1), ip(4)), ip(3)), [3]bool{false, false, true}},
		"and that cannot hold": {hostindex.AllOf(ip(1), ip(4)), [3]bool{}},
	} {
		found := find(t, x, file, c.condition)
		for g, want := range c.groups {
			if found.Has(g) != want {
				t.Errorf("%s: group %d is found: %t", name, g, found.Has(g))
			}
		}
	}
}

// TestBrokenIndexes: what was cut, or changed in any byte that is read, is told and never answers.
func TestBrokenIndexes(t *testing.T) {
	m := build(t, rand.New(rand.NewPCG(5, 6)), 3, 200)
	for n := range len(m.file) {
		if _, err := hostindex.Read(bytes.NewReader(m.file[:n]), int64(n)); !errors.Is(err, hostindex.ErrBroken) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(m.file), err)
		}
	}
	var all []hostindex.Key
	for k := range m.keys[0] {
		all = append(all, k)
	}
	for at := range len(m.file) {
		broken := bytes.Clone(m.file)
		broken[at] ^= 1 << (at % 8)
		x, err := hostindex.Read(bytes.NewReader(broken), int64(len(broken)))
		if err == nil {
			_, err = x.Find(bytes.NewReader(broken), hostindex.OneOf(all...))
		}
		if !errors.Is(err, hostindex.ErrBroken) {
			t.Fatalf("byte %d was changed: %v", at, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, groups := range []int{0, 1, 3} {
		f.Add(build(f, rng, groups, 40).file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		x, err := hostindex.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		if len(x.Groups) > len(file) {
			t.Fatal("more groups than bytes")
		}
		_, _ = x.Find(bytes.NewReader(file), hostindex.OneOf(1, 1<<63))
	})
}

// FuzzSets holds a group's set to what was added.
func FuzzSets(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var set hostindex.Set
		var keys []hostindex.Key
		for i := 0; i+8 <= len(b); i += 8 {
			k := hostindex.Key(0)
			for _, c := range b[i : i+8] {
				k = k<<8 | hostindex.Key(c)
			}
			set.Add(k)
			keys = append(keys, k)
		}
		var builder hostindex.Builder
		builder.Add(hostindex.Group{Rows: 1}, set.Sorted())
		file, err := builder.Bytes(1)
		if err != nil {
			t.Fatal(err)
		}
		x := read(t, file)
		for _, k := range keys {
			if !find(t, x, file, hostindex.OneOf(k)).Has(0) {
				t.Fatalf("%x is not found", k)
			}
		}
	})
}
