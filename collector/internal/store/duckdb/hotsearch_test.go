//go:build cgo

package duckdb

import (
	"fmt"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestHostsOfTheHour: a question about hosts leaves out chunks without them, and finds all records of those that there are, in chunks that are
// full and ones that are not.
func TestHostsOfTheHour(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	want := map[string]uint64{}
	for datagram, records := range []int{1, 3, 2048, 5000, 700} {
		b := applications(account, symbols, uint64(datagram+1), records)
		for i := range b.Records {
			r := &b.Records[i]
			r.Source.IP, r.Destination.IP = flow.AddrFrom4(uint32(0x0a000000+i%997)), flow.AddrFrom4(uint32(0xc0a80000+datagram))
			r.Present |= flow.HasSourceIP | flow.HasDestinationIP
			want[r.Source.IP.String()]++
			want[r.Destination.IP.String()]++
		}
		if err := s.WriteBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, host := range []string{"10.0.0.0", "10.0.3.228", "192.168.0.0", "192.168.0.4", "192.168.0.9", "10.9.9.9"} {
		if n := flows(t, s, "related.ip : "+host); n != want[host] {
			t.Errorf("%s: %d records, not %d", host, n, want[host])
		}
		b, err := s.Records(t.Context(), query.Question{Filter: fmt.Sprintf("related.ip : %s", host), Limit: 10_000})
		if err != nil || uint64(len(b.Records)) != want[host] {
			t.Errorf("%s: a page of %d records, not %d: %v", host, len(b.Records), want[host], err)
		}
	}
	if n := flows(t, s, "related.ip : (10.0.0.1 or 192.168.0.1) and not source.ip : 10.0.0.2"); n != want["192.168.0.1"]-1+want["10.0.0.1"]-1 {
		t.Errorf("two hosts: %d records", n)
	}
}

// TestParametersOfTheHour: what is no list of numbers or of ranges is an error, not all rows.
func TestParametersOfTheHour(t *testing.T) {
	s, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewSymbols()
	if err := s.WriteBatch(t.Context(), applications(flow.NewAccount(), symbols, 1, 3)); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	part := s.files.hot[0].part.Table()
	for text, good := range map[string]bool{
		"'', ''": true, "'0,ffffffffffffffff', ''": true, "'1,', ''": false, "'x', ''": false, "'-1', ''": false,
		"'', '0-3'": true, "'', '0-1,2-3'": true, "'', '0-3,'": false, "'', '0'": false, "'', 'a-b'": false,
	} {
		_, err := one[int64](t.Context(), s.writer.side, fmt.Sprintf("SELECT count(*) FROM weir_hot('%s', 3, 0, 0, %s)", part, text))
		if (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
