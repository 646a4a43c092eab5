package detect

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestSpreadSumsUp: whatever the record, the parts sum up to the total, none is more than one off its even part, many do not add up in one bin, and dealing
// out from a later bin gives the same parts.
func TestSpreadSumsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		start := t0 + rng.Int64N(int64(1e13))
		length := rng.Int64N([]int64{1, 2 * binWidth, 400 * binWidth, 9000 * binWidth}[rng.IntN(4)])
		total := rng.Uint64() >> rng.IntN(64)
		s := newSpread(start, start+length, rng.Uint32())
		parts := deal(s, total, s.first)
		sum := uint64(0)
		for i, part := range parts {
			sum += part
			checkPart(t, s, total, s.first+int64(i), part)
		}
		if sum != total {
			t.Fatalf("%d ns: parts sum up to %d of %d", length, sum, total)
		}
		skip := rng.IntN(len(parts))
		for i, part := range deal(s, total, s.first+int64(skip)) {
			if part != parts[skip+i] {
				t.Fatalf("from bin %d: part %d is %d, not %d", skip, i, part, parts[skip+i])
			}
		}
	}
}

func deal(s spread, total uint64, from int64) (parts []uint64) {
	d := s.from(total, from)
	for b := from; b <= s.last; b++ {
		parts = append(parts, d.next())
	}
	return parts
}

// checkPart compares with the exact fraction.
func checkPart(t *testing.T, s spread, total uint64, b int64, part uint64) {
	t.Helper()
	if s.length == 0 {
		if part != total {
			t.Fatalf("a short record is split: %d of %d", part, total)
		}
		return
	}
	from, to := max(b*binWidth, s.start), min((b+1)*binWidth, s.start+s.length)
	even := new(big.Int).Mul(new(big.Int).SetUint64(total), big.NewInt(to-from))
	even.Div(even, big.NewInt(s.length))
	diff := new(big.Int).Sub(new(big.Int).SetUint64(part), even)
	if !diff.IsInt64() || diff.Int64() < -1 || diff.Int64() > 1 {
		t.Fatalf("bin %d gets %d, evenly %s", b, part, even)
	}
}

func TestSpreadEdges(t *testing.T) {
	for _, c := range []struct {
		name        string
		start, end  int64
		first, last int64
	}{
		{"no length", t0, t0, 0, 0},
		{"shorter than a bin stays in one", t0 + secs(6), t0 + secs(15), 1, 1},
		{"exactly a bin", t0, t0 + secs(10), 0, 0},
		{"an end on the edge does not touch the next bin", t0 + secs(5), t0 + secs(20), 0, 1},
		{"over three", t0 + secs(9), t0 + secs(21), 0, 2},
	} {
		s := newSpread(c.start, c.end, 1<<31)
		if s.first != binOf(t0)+c.first || s.last != binOf(t0)+c.last {
			t.Errorf("%s: bins %d to %d", c.name, s.first-binOf(t0), s.last-binOf(t0))
		}
	}
}

// TestSpreadDoesNotSynchronize: one packet each of a thousand flows that last a minute together is 167 a bin, not a thousand in
// the last.
func TestSpreadDoesNotSynchronize(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	var bins [6]uint64
	for range 1000 {
		s := newSpread(t0, t0+secs(60), rng.Uint32())
		for i, part := range deal(s, 1, s.first) {
			bins[i] += part
		}
	}
	for i, n := range bins {
		if n < 120 || n > 215 {
			t.Errorf("bin %d has %d of 1,000", i, n)
		}
	}
}
