package session_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

// TestDay: a connection of 24 hours in pieces of 60 s from two exporters is one session with the bytes of one.
func TestDay(t *testing.T) {
	var records []r
	for s := 0.0; s < 24*3600; s += 60 {
		flags := uint16(ack | psh)
		if s == 0 {
			flags |= syn
		}
		there := r{from: a, to: b, start: s, end: s + 60, bytes: 1000, packets: 10, flags: flags, wait: 0.1}
		back := r{from: b, to: a, start: s + 0.05, end: s + 60, bytes: 3000, packets: 10, flags: flags, wait: 0.1}
		for _, exporter := range []string{"x", "y"} {
			there.exporter, back.exporter = exporter, exporter
			records = append(records, there, back)
			there.start, there.end, back.start, back.end = s+0.4, s+60.4, s+0.45, s+60.4
		}
	}
	told := play(t, newTable(t, session.Config{}), batchOf(records), 50)
	check(t, last(told), fmt.Sprintf("%s>%s 0-86400 1440000/4320000 EST 0.85 copies=2880 seen=2", a, b))
	if len(told) < 24*60/2 {
		t.Errorf("told of %d times only", len(told))
	}
	for i, s := range told {
		switch {
		case s.ID != told[0].ID:
			t.Fatalf("told %d has another id", i)
		case s.Open != (i < len(told)-1):
			t.Fatalf("told %d of %d: open is %v", i, len(told), s.Open)
		}
	}
}

// TestToldInTime: a session that grows is told of when its piece is taken, and one that has got large at once.
func TestToldInTime(t *testing.T) {
	table := newTable(t, session.Config{})
	step := func(until float64, records ...r) []string {
		table.Observe(batchOf(records), at(until))
		table.Advance(at(until))
		return lines(table.Changes())
	}
	if got := step(61, r{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 2, flags: syn | ack | psh}); len(got) > 0 {
		t.Errorf("told before the order is known: %v", got)
	}
	if got := step(92); len(got) > 0 {
		t.Errorf("told of a session that has just begun: %v", got)
	}
	step(121, r{from: a, to: b, start: 60, end: 120, bytes: 100, packets: 2, flags: ack | psh})
	if got := step(152); len(got) != 1 || got[0] != a+">"+b+" 0-120 200/0 UNI 0.75 open" {
		t.Errorf("after a minute: %v", got)
	}
	step(130, r{from: a, to: b, start: 120, end: 130, bytes: 2 << 20, packets: 2000, flags: ack | psh})
	if got := step(163); len(got) != 1 {
		t.Errorf("doubled, over 1 MiB: %v", got)
	}
	if got := step(1000); len(got) != 1 || got[0] != fmt.Sprintf("%s>%s 0-130 %d/0 UNI 0.75", a, b, 200+2<<20) {
		t.Errorf("at the end: %v", got)
	}
	if s := table.Stats(); s.Sessions != 0 || s.Held != 0 || s.Ended != 1 {
		t.Errorf("left over: %+v", s)
	}
}

// TestSessionsCap: beyond the cap the session longest without a packet is truncated; those that were answered and have traffic
// outlast those that floods make. Its id stays what it was.
func TestSessionsCap(t *testing.T) {
	table := newTable(t, session.Config{Sessions: 20})
	records := []r{
		{from: a, to: b, start: 0, end: 5, bytes: 1000, packets: 10, flags: syn | ack | psh},
		{from: b, to: a, start: 0.1, end: 5, bytes: 1000, packets: 10, flags: syn | ack | psh},
	}
	for i := range 200 {
		s := 6 + float64(i)/100
		records = append(records, r{from: fmt.Sprintf("198.51.100.%d:1000", i), to: b, start: s, end: s, bytes: 60, packets: 1, flags: syn})
	}
	records = append(records, r{from: a, to: b, start: 10, end: 12, bytes: 500, packets: 10, flags: ack | psh | fin})
	told := last(play(t, table, batchOf(records), 10))
	truncated := 0
	for _, s := range told {
		if s.Truncated {
			truncated++
			if s.State != flow.StateS0 || s.Open {
				t.Errorf("truncated: %s", line(&s))
			}
		}
	}
	if got := line(&told[0]); got != a+">"+b+" 0-12 1500/1000 EST 0.85" {
		t.Errorf("the connection under the flood: %s", got)
	}
	if s := table.Stats(); len(told) != 201 || truncated != 181 || s.Truncated != 181 || s.Ended != 20 {
		t.Errorf("%d sessions, %d truncated, %+v", len(told), truncated, s)
	}
}

// TestTruncatedGoesOn: what follows a truncated session is another one, and nothing is lost or counted twice.
func TestTruncatedGoesOn(t *testing.T) {
	records := []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 2, flags: syn | ack | psh},
		{from: c, to: b, start: 59, end: 61, bytes: 7, packets: 2, flags: syn | ack | psh},
		{from: a, to: b, start: 60, end: 120, bytes: 200, packets: 2, flags: ack | psh},
	}
	check(t, last(play(t, newTable(t, session.Config{Sessions: 1}), batchOf(records), 1)),
		a+">"+b+" 0-60 100/0 UNI 0.75 truncated", c+">"+b+" 59-61 7/0 UNI 0.75 truncated", a+">"+b+" 60-120 200/0 UNI 0.75")
}

// TestHeldCap: where no more records can be held, the oldest are taken early: none is lost.
func TestHeldCap(t *testing.T) {
	table := newTable(t, session.Config{Held: 16})
	var records []r
	for i := range 500 {
		records = append(records, r{from: fmt.Sprintf("10.1.%d.%d:99", i/250, i%250), to: b, start: float64(i) / 50, end: float64(i) / 50, bytes: 1, packets: 1, proto: 17})
	}
	told := last(play(t, table, batchOf(records), 100))
	if s := table.Stats(); len(told) != 500 || s.Hurried == 0 {
		t.Errorf("%d sessions, %+v", len(told), s)
	}
}

// TestStrayTimes: records far ahead of or behind the clock neither stop time nor are lost.
func TestStrayTimes(t *testing.T) {
	table := newTable(t, session.Config{})
	one := func(from string, end, wait float64) r {
		return r{from: from, to: b, start: end, end: end, wait: wait, bytes: 1, packets: 1, proto: 17}
	}
	records := []r{one("10.0.0.1:1", 1000, 0), one("10.0.0.2:1", 1e8, 1000-1e8), one("10.0.0.3:1", -1e6, 1001+1e6), one("10.0.0.4:1", 1002, 0)}
	b := batchOf(records)
	table.Observe(b, 0)
	told := table.Changes()
	for now := 1002.0; now < 2000; now += 10 {
		table.Advance(at(now))
		told = append(told[:len(told):len(told)], table.Changes()...)
	}
	if s := table.Stats(); len(told) != 4 || s.Sessions != 0 {
		t.Errorf("%d told, %+v", len(told), s)
	}
	table.Advance(at(3e9)) // decades
	table.Advance(at(0))   // back
}

// TestSkipped: what is set aside or has no addresses makes no session.
func TestSkipped(t *testing.T) {
	b := batchOf([]r{{from: a, to: b, proto: 17}, {from: a, to: b, proto: 17}, {from: a, to: b, proto: 17}})
	b.Records[0].Invalid = flow.Reason(1)
	b.Records[1].Present &^= flow.HasSourceIP
	b.Records[2].End = 0
	table := newTable(t, session.Config{})
	if got := play(t, table, b, 3); len(got) != 0 || table.Stats().Skipped != 3 {
		t.Errorf("%d sessions, %+v", len(got), table.Stats())
	}
}

// TestLearnedServers: who was called by five clients is a server to the sixth, whatever its port.
func TestLearnedServers(t *testing.T) {
	var records []r
	for i := range 5 {
		from, s := fmt.Sprintf("10.0.1.%d:99", i), float64(i)
		records = append(records,
			r{from: from, to: "192.0.2.9:45000", start: s, end: s + 2, bytes: 10, packets: 1, proto: 17},
			r{from: "192.0.2.9:45000", to: from, start: s + 1, end: s + 2, bytes: 10, packets: 1, proto: 17})
	}
	sixth := func(s float64) r {
		return r{from: "192.0.2.9:45000", to: a[:8] + ":600", start: s, end: s, bytes: 10, packets: 1, proto: 17}
	}
	for _, test := range []struct {
		name string
		at   float64
		want string
	}{
		{"within a day", 1000, "10.0.0.5:600>192.0.2.9:45000 1000-1000 0/10 Q 0.85"},
		{"a day later it is forgotten", 2 * 86400, "192.0.2.9:45000>10.0.0.5:600 172800-172800 10/0 Q 0.75"},
	} {
		t.Run(test.name, func(t *testing.T) {
			told := last(play(t, newTable(t, session.Config{}), batchOf(append(records[:10:10], sixth(test.at))), 1))
			if got := line(&told[len(told)-1]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for _, cfg := range []session.Config{{Sessions: -1}, {Held: -5}, {TellEvery: -1}, {InactiveTimeout: time.Hour}, {Servers: 1 << 40}} {
		if _, err := session.New(cfg, session.Deps{}); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
}

// TestTell: with a function to tell, nothing is kept.
func TestTell(t *testing.T) {
	told := 0
	table, err := session.New(session.Config{}, session.Deps{Tell: func(list session.Told) {
		for i := range list.Sessions {
			told += int(list.Sessions[i].Records)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := play(t, table, batchOf([]r{{from: a, to: b, proto: 17, bytes: 1}}), 1); told != 1 || len(got) != 0 {
		t.Errorf("told %d, kept %d", told, len(got))
	}
}
