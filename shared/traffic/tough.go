package traffic

import "net/netip"

// day is 24 hours in ms.
const day = 86_400_000

// toughTable lists ordinary traffic that looks like attacks: each is one file
// and one row. Their hosts have addresses of their own, so that nothing else
// that happens can be mistaken for them.
func toughTable() []func(w *world, start int64) []attack {
	return []func(w *world, start int64) []attack{
		internetNoise, passwordNoise, backscatterNoise,
		vulnerabilityScanner, networkManagement, deadServer,
		peerToPeer, bulkMail, remoteOffice,
		ansible, gitPoll, loginProbe, passwordRotation,
		cloudBackup, bigUploads, remoteAdmin,
	}
}

// addTough adds that traffic to a plan, and what is true of it: entries that are
// benign or neutral. Those of which nothing happens in its time are left out.
func (p *plan) addTough(w *world) {
	for _, rows := range toughTable() {
		for _, a := range rows(w, p.start) {
			if a.kind == "" {
				a.kind = KindBenign
			}
			a.alone = true
			p.attack(w.cfg, a)
		}
	}
}

// toughHost numbers the addresses of workstations with such traffic, outside of
// what the ordinary ones have.
func toughHost(n int) netip.Addr { return v4(10<<24 | 29<<16 | uint32(n)) }

// daily is a source that does something every day at an hour, UTC.
func daily(start int64, hour float64, do func(now int64, em *emitter)) source {
	t := &ticker{next: start - start%day + int64(hour*3600_000), do: func(now int64, em *emitter) int64 {
		do(now, em)
		return now + day
	}}
	if t.next < start {
		t.next += day
	}
	return t
}

// always makes a ticker's maker for attack.make: do runs after pauses that it
// returns, from start on.
func always(start int64, do func(now int64, em *emitter) (pause int64)) source {
	return &ticker{next: start, do: func(now int64, em *emitter) int64 { return now + do(now, em) }}
}

// working reports whether a time is in working hours, 8 to 20 UTC.
func working(ms int64) bool { h := ms % 86_400_000 / 3600_000; return h >= 8 && h < 20 }
