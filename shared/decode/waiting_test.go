package decode_test

import (
	"testing"
	"time"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

var (
	oneCounter  = set(0, definition(256, 1, 4))
	dataOf1     = set(256, uint32(1))
	dataOf2and3 = set(256, uint32(2), uint32(3))
)

// bytesOf lists the bytes of the batch's records.
func (l *lab) bytesOf() (list []uint64) {
	for i := range l.batch.Records {
		list = append(list, l.batch.Records[i].Source.Bytes)
	}
	return list
}

func TestWaitingSets(t *testing.T) {
	l := newLab(decode.Config{})
	first := v9at(1, headerUptime, headerSeconds-5, dataOf1, dataOf2and3)
	if err := l.Decode(first, exporterPort, receivedAt-5*second, l.batch); err != nil {
		t.Fatal(err)
	}
	if s := l.stream(t); s.Waiting.Load() != 2 || len(l.batch.Records) != 0 || len(l.batch.Datagrams) != 1 {
		t.Fatalf("%d sets wait, %d records, %d datagrams", s.Waiting.Load(), len(l.batch.Records), len(l.batch.Datagrams))
	}
	id := l.batch.Datagrams[0].ID
	l.batch.Reset()
	l.give(v9(2, oneCounter, set(256, uint32(4))))
	checkIdentities(t, l.account)
	if got := l.bytesOf(); len(got) != 4 || got[0] != 1 || got[1] != 2 || got[2] != 3 || got[3] != 4 {
		t.Fatalf("records %v, want 1 to 4", got)
	}
	if n := len(l.batch.Datagrams); n != 2 {
		t.Fatalf("%d datagrams, want 2", n)
	}
	again := l.batch.Datagrams[1]
	if again.ID != id || again.Records != 3 || again.Received != receivedAt-5*second || again.Exported != int64(headerSeconds-5)*second {
		t.Errorf("the entry of the waiting sets: %+v", again)
	}
	r := l.batch.Records[1]
	if r.Meta != 1 || r.ID != (flow.EventID{Datagram: id, Set: 1}) || r.Created != receivedAt-5*second {
		t.Errorf("a waiting record: meta %d, id %v, created %d", r.Meta, r.ID, r.Created)
	}
	if l.batch.Datagrams[0].Records != 1 || l.batch.Datagrams[0].Mark != again.Mark || again.Mark.Waiting != 0 {
		t.Errorf("marks %+v and %+v", l.batch.Datagrams[0].Mark, again.Mark)
	}
}

func TestWaitingSetOfTheSameDatagram(t *testing.T) {
	l := newLab(decode.Config{})
	l.give(v9(1, dataOf1, oneCounter, dataOf2and3))
	checkIdentities(t, l.account)
	if len(l.batch.Datagrams) != 1 || l.batch.Datagrams[0].Records != 3 || l.batch.Records[0].ID.Set != 0 || l.batch.Records[1].ID.Set != 2 {
		t.Errorf("%d datagrams, records %v", len(l.batch.Datagrams), l.bytesOf())
	}
}

func TestWaitingOptions(t *testing.T) {
	l := newLab(decode.Config{})
	l.give(v9(1, set(257, uint32(0), uint32(500))))
	l.give(v9(2, set(1, uint16(257), uint16(4), uint16(4), uint16(1), uint16(4), fieldSpec(34, 4)), oneCounter, dataOf1))
	checkIdentities(t, l.account)
	if n := l.batch.Records[0].SamplingInterval; n != 500 || l.stream(t).OptionsRecords.Load() != 1 {
		t.Errorf("sampling interval %v", n)
	}
}

func TestWaitingCaps(t *testing.T) {
	cases := []struct {
		name    string
		cfg     decode.Config
		waiting int64
	}{
		{"number of sets", decode.Config{WaitSets: 3}, 3},
		{"bytes of a stream", decode.Config{WaitBytes: 1000}, 3},
		{"bytes in all", decode.Config{WaitBytesAll: 1000}, 3},
		{"not even one", decode.Config{WaitBytes: 100}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(c.cfg)
			for i := range uint32(10) {
				l.give(v9(1+i, set(256, i)))
			}
			s := l.stream(t)
			if s.Waiting.Load() != c.waiting || s.SetsExpired[flow.ExpiredCap].Load() != uint64(10-c.waiting) {
				t.Errorf("%d wait, %d expired", s.Waiting.Load(), s.SetsExpired[flow.ExpiredCap].Load())
			}
			checkIdentities(t, l.account)
			l.give(v9(11, oneCounter))
			if got := l.bytesOf(); int64(len(got)) != c.waiting || (len(got) > 0 && got[0] != 7) {
				t.Errorf("records %v: the oldest are to go", got)
			}
		})
	}
}

// TestWaitingIsReleasedInPortions: one datagram must not set free millions of records.
func TestWaitingIsReleasedInPortions(t *testing.T) {
	l := newLab(decode.Config{})
	const sets, each = 100, 1000
	for i := range uint32(sets) {
		l.give(v9(1+i, set(256, make([]byte, each))))
	}
	l.batch.Reset()
	most := 0
	l.give(v9(sets+1, set(0, definition(256, 9, 1))))
	total := len(l.batch.Records)
	for i := range uint32(10) {
		l.batch.Reset()
		l.give(v9(sets+2+i, set(0, definition(300, 9, 1))))
		total += len(l.batch.Records)
		most = max(most, len(l.batch.Records))
	}
	if total != sets*each || most > 40_000 {
		t.Errorf("%d records, %d at once; want %d, at most 40000", total, most, sets*each)
	}
	checkIdentities(t, l.account)
}

func TestExpire(t *testing.T) {
	l := newLab(decode.Config{WaitAge: time.Minute, TemplateTTL: time.Hour})
	l.give(v9(1, oneCounter, set(300, uint32(1))))
	s := l.stream(t)
	l.Expire(receivedAt + 59*second)
	if s.Waiting.Load() != 1 {
		t.Error("expired too early")
	}
	l.Expire(receivedAt + 61*second)
	if s.Waiting.Load() != 0 || s.SetsExpired[flow.ExpiredAge].Load() != 1 {
		t.Errorf("%d wait", s.Waiting.Load())
	}
	l.Expire(receivedAt + 3599*second)
	if s.Templates.Load() != 1 {
		t.Error("template expired too early")
	}
	l.Expire(receivedAt + 3601*second)
	if s.Templates.Load() != 0 {
		t.Error("template did not expire")
	}
	checkIdentities(t, l.account)
}

// TestRestartFlushes: after a proven restart an id may mean something else; sets wait until it is defined again.
func TestRestartFlushes(t *testing.T) {
	l := newLab(decode.Config{})
	l.give(v9at(100, headerUptime, headerSeconds, oneCounter, dataOf1, set(300, uint32(9))))
	l.give(v9at(1, 5000, headerSeconds+60, dataOf1))
	s := l.stream(t)
	if len(l.batch.Records) != 1 || s.Waiting.Load() != 1 || s.SetsExpired[flow.ExpiredRestart].Load() != 1 {
		t.Errorf("%d records, %d sets wait, %d expired", len(l.batch.Records), s.Waiting.Load(), s.SetsExpired[flow.ExpiredRestart].Load())
	}
	l.give(v9at(2, 6000, headerSeconds+61, set(0, definition(256, 2, 4))))
	if r := l.batch.Records[1]; r.Source.Packets != 1 || r.Source.Bytes != 0 {
		t.Error("decoded with the old template")
	}
	checkIdentities(t, l.account)
}

// TestTwoProcessesInOneDomain: two line cards with an uptime each look like a restart with every datagram.
func TestTwoProcessesInOneDomain(t *testing.T) {
	l := newLab(decode.Config{})
	l.give(v9at(1, 1_000_000, headerSeconds, oneCounter))
	for i := range uint32(20) {
		l.give(v9at(500+i, 9_000_000+i*1000, headerSeconds+i, oneCounter, set(256, i)))
		l.give(v9at(2+i, 1_000_000+i*1000, headerSeconds+i, set(256, i)))
	}
	if n := len(l.batch.Records); n < 39 {
		t.Errorf("%d of 40 records", n)
	}
	checkIdentities(t, l.account)
}
