package hostsums_test

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hostsums"
)

var of = hostsums.Of{Rows: 12, Bytes: 345}

// entry is an address with its sums.
type entry struct {
	of   hostsums.Address
	sums []hostsums.Sum
}

// build makes a file.
func build(t testing.TB, names []string, list []entry) []byte {
	t.Helper()
	b := hostsums.Builder{Names: names, Hour: 1000}
	for _, e := range list {
		b.Add(e.of, e.sums)
	}
	data, err := b.Bytes(of)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func open(t testing.TB, data []byte) *hostsums.Reader {
	t.Helper()
	x, err := hostsums.Open(bytes.NewReader(data), int64(len(data)), of)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// draw draws entries in their order: addresses beside each other, far apart, and at the ends.
func draw(rng *rand.Rand, n, names int) []entry {
	list := make([]entry, n)
	for i := range list {
		list[i].of = hostsums.Address{Hi: []uint64{0, 0, 0x20010db8 << 32, rng.Uint64(), math.MaxUint64}[rng.IntN(5)]}
		list[i].of.Lo = []uint64{0xffff<<32 | uint64(rng.Uint32()), uint64(rng.IntN(3 * n)), rng.Uint64(), math.MaxUint64}[rng.IntN(4)]
		for range 1 + rng.IntN(4) {
			list[i].sums = append(list[i].sums, drawSum(rng, names))
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Or(cmp.Compare(a.of.Hi, b.of.Hi), cmp.Compare(a.of.Lo, b.of.Lo)) })
	return slices.CompactFunc(list, func(a, b entry) bool { return a.of == b.of })
}

func drawSum(rng *rand.Rand, names int) hostsums.Sum {
	s := hostsums.Sum{
		Hour: 1000 + []int64{0, 0, 1, -1, rng.Int64() - 2000}[rng.IntN(5)], Side: hostsums.Side(rng.IntN(3)), Direction: uint8(rng.IntN(names + 1)),
		Flows: rng.Uint64() >> rng.IntN(64),
	}
	s.Counters[0], s.Counters[1] = rng.Uint64()>>rng.IntN(64), rng.Uint64()>>rng.IntN(64)
	s.Counters[2], s.Counters[3] = s.Counters[0], s.Counters[1]
	if rng.IntN(3) == 0 {
		for i := range s.Counters {
			s.Counters[i] = rng.Uint64() >> rng.IntN(64)
		}
	}
	return s
}

// TestFind: all addresses are found with what they have, and none that is not there.
func TestFind(t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 64, 65, 1000} {
		for _, names := range [][]string{nil, {"inbound", "outbound"}, slices.Repeat([]string{"x"}, 255)} {
			rng := rand.New(rand.NewPCG(uint64(n), uint64(len(names))))
			list := draw(rng, n, len(names))
			x := open(t, build(t, names, list))
			if !slices.Equal(x.Names, names) || x.Addresses != int64(len(list)) {
				t.Errorf("%d names, %d addresses; want %d and %d", len(x.Names), x.Addresses, len(names), len(list))
			}
			known := map[hostsums.Address]bool{}
			for _, e := range list {
				known[e.of] = true
				if got, err := x.Find(nil, e.of); err != nil || !slices.Equal(got, e.sums) {
					t.Fatalf("%v: %v, %v\nshould be %v", e.of, got, err, e.sums)
				}
			}
			for _, e := range list {
				for _, a := range []hostsums.Address{{e.of.Hi, e.of.Lo + 1}, {e.of.Hi, e.of.Lo - 1}, {e.of.Hi + 1, e.of.Lo}, {rng.Uint64(), rng.Uint64()}} {
					if got, err := x.Find(nil, a); !known[a] && (err != nil || len(got) > 0) {
						t.Fatalf("%v: %v, %v", a, got, err)
					}
				}
			}
		}
	}
}

// TestBuilderRefuses: what cannot be told apart later is an error.
func TestBuilderRefuses(t *testing.T) {
	one := []hostsums.Sum{{Flows: 1}}
	for name, fill := range map[string]func(b *hostsums.Builder){
		"an address twice":         func(b *hostsums.Builder) { b.Add(hostsums.Address{Lo: 1}, one); b.Add(hostsums.Address{Lo: 1}, one) },
		"a smaller address":        func(b *hostsums.Builder) { b.Add(hostsums.Address{Hi: 1}, one); b.Add(hostsums.Address{Lo: 1}, one) },
		"nothing of an address":    func(b *hostsums.Builder) { b.Add(hostsums.Address{Lo: 1}, nil) },
		"a direction without name": func(b *hostsums.Builder) { b.Add(hostsums.Address{Lo: 1}, []hostsums.Sum{{Direction: 1}}) },
		"another side":             func(b *hostsums.Builder) { b.Add(hostsums.Address{Lo: 1}, []hostsums.Sum{{Side: 3}}) },
		"a name with a comma":      func(b *hostsums.Builder) { b.Names = []string{"a,b"} },
		"too many names":           func(b *hostsums.Builder) { b.Names = slices.Repeat([]string{"x"}, 256) },
	} {
		t.Run(name, func(t *testing.T) {
			var b hostsums.Builder
			fill(&b)
			if _, err := b.Bytes(of); err == nil {
				t.Error("no error")
			}
		})
	}
}

// TestOpenRefuses: a file that is not whole, or not of the records, is not used.
func TestOpenRefuses(t *testing.T) {
	whole := build(t, []string{"inbound"}, draw(rand.New(rand.NewPCG(1, 1)), 200, 1))
	changed := func(at int) []byte {
		data := bytes.Clone(whole)
		data[at] ^= 1
		return data
	}
	for name, data := range map[string][]byte{
		"empty": {}, "another": []byte("weirhost"), "cut in the header": whole[:63], "cut in the head": whole[:100],
		"another magic": changed(0), "another version": changed(8), "more blocks": changed(12), "of other rows": changed(16), "of another size": changed(24),
		"another hour": changed(32), "another name": changed(64), "another directory": changed(80), "very many blocks": changed(15),
	} {
		if _, err := hostsums.Open(bytes.NewReader(data), int64(len(data)), of); !errors.Is(err, hostsums.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBrokenBlocks: whatever is changed behind the head, an address has what it had or there is an error.
func TestBrokenBlocks(t *testing.T) {
	list := draw(rand.New(rand.NewPCG(2, 2)), 200, 1)
	whole := build(t, []string{"inbound"}, list)
	size := len(whole)
	for at := size - 1000; at < size; at += 7 {
		data := bytes.Clone(whole)
		data[at] ^= 0x55
		x := open(t, data)
		for _, e := range list {
			if got, err := x.Find(nil, e.of); err == nil && !slices.Equal(got, e.sums) || err != nil && !errors.Is(err, hostsums.ErrBroken) {
				t.Fatalf("byte %d: %v, %v", at, got, err)
			}
		}
	}
	x := open(t, whole[:size-1])
	if _, err := x.Find(nil, list[len(list)-1].of); !errors.Is(err, hostsums.ErrBroken) {
		t.Errorf("cut: %v", err)
	}
}

// FuzzFind: no file makes the reader fail otherwise than with an error. The checksums are made right, else hardly anything would be read.
func FuzzFind(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{0, 1, 70} {
		f.Add(build(f, []string{"inbound", "outbound"}, draw(rng, n, 2)), uint64(0), uint64(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, hi, lo uint64) {
		data = hostsums.WithSums(data)
		x, err := hostsums.Open(bytes.NewReader(data), int64(len(data)), of)
		if err != nil {
			return
		}
		if _, err := x.Find(nil, hostsums.Address{Hi: hi, Lo: lo}); err != nil && !errors.Is(err, hostsums.ErrBroken) {
			t.Error(err)
		}
	})
}
