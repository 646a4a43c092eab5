package hot_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// records is a chunk of 45 columns as records of flows have them.
func records() part {
	r, p := rand.New(rand.NewSource(1)), part{rows: hot.Rows}
	column := func(name string, kind hot.Type, value func(row int) cell) {
		cells := make([]cell, hot.Rows)
		for i := range cells {
			cells[i] = value(i)
		}
		p = p.with(name, kind, cells...)
	}
	same := func(n uint64) func(int) cell { return func(int) cell { return num(n) } }
	below := func(n int64) func(int) cell { return func(int) cell { return num(uint64(r.Int63n(n))) } }
	some := func(percent int, value func(int) cell) func(int) cell {
		return func(row int) cell {
			if r.Intn(100) < percent {
				return value(row)
			}
			return cell{}
		}
	}
	const start = uint64(1_700_000_000_000_000)
	for i := range 14 {
		column(fmt.Sprint("same", i), hot.Uint8+hot.Type(i%4), same(uint64(i)))
	}
	for i := range 4 {
		column(fmt.Sprint("time", i), hot.Timestamp, func(row int) cell { return num(start + uint64(row*500+r.Intn(60_000_000))) })
	}
	column("exact", hot.TimestampNanos, func(row int) cell { return num(start*1000 + uint64(row)*500_000) })
	for i := range 6 {
		column(fmt.Sprint("address", i), hot.Uint32, below(1<<32))
	}
	for i := range 3 {
		column(fmt.Sprint("high", i), hot.Uint64, func(int) cell { return num(r.Uint64()) })
	}
	for i := range 4 {
		column(fmt.Sprint("port", i), hot.Uint16, below(1<<16))
	}
	for i := range 4 {
		column(fmt.Sprint("counter", i), hot.Uint64, below(1<<30))
	}
	for i := range 4 {
		column(fmt.Sprint("flag", i), hot.Uint8, below(200))
	}
	column("protocol", hot.Uint8, func(int) cell { return num([]uint64{6, 17, 1}[r.Intn(3)]) })
	column("mask", hot.Uint8, some(50, below(33)))
	column("system", hot.Uint32, some(80, below(1<<18)))
	column("rate", hot.Float64, some(10, below(1<<52)))
	column("name", hot.Text, some(20, func(int) cell { return texts(fmt.Sprint("interface ", r.Intn(100))) }))
	return p
}

func perRow(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hot.Rows, "ns/row")
}

// BenchmarkAppend takes in chunks of records, and writes them.
func BenchmarkAppend(b *testing.B) {
	p, f := records(), create(b)
	vectors, chunks, size := p.vectors(), 0, int64(0)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Append(p.columns, vectors, p.rows); err != nil {
			b.Fatal(err)
		}
		if chunks++; chunks%128 == 0 { // so that the file does not grow without end
			flush(b, f)
			f.Commit()
			size = f.Size()
			f.Uncommit(0)
		}
	}
	perRow(b)
	if size > 0 {
		b.ReportMetric(float64(size)/128/hot.Rows, "B/row")
	}
	b.ReportMetric(float64(len(p.columns)), "columns")
}

// BenchmarkRead reads all columns of chunks of records.
func BenchmarkRead(b *testing.B) {
	p, f := records(), create(b)
	for range 64 {
		keep(b, f, p)
	}
	v := f.View(hot.All)
	var data [hot.Rows]uint64
	reader, i := hot.Reader{View: &v}, 0
	b.ReportAllocs()
	for b.Loop() {
		for column := range p.columns {
			to := hot.Target{Data: pointer(&data), Texts: func(int, []byte, []uint32) {}}
			if err := reader.Read(i%v.Chunks(), column, &to, 0); err != nil {
				b.Fatal(err)
			}
		}
		i++
	}
	perRow(b)
}
