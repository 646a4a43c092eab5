package decode_test

import (
	"testing"

	"github.com/weirflow/weir/shared/decode"
)

// TestWhatV9ExportersCount: exporters that count something else than datagrams show no gaps for it, and losses of theirs do show.
func TestWhatV9ExportersCount(t *testing.T) {
	sizes := []int{3, 7, 2, 5, 4, 6, 3, 9, 2, 8, 5, 3, 4, 7, 2, 6}
	// play sends datagrams of so many records, whose numbers move by what count says of them; those of lost are not sent.
	play := func(before, included bool, perDatagram func(size int) uint32, lost ...int) *lab {
		l := newLab(decode.Config{})
		sequence := uint32(1000)
		l.give(v9(sequence, oneCounter))
		if before {
			sequence++
		}
		for i, size := range sizes {
			n := perDatagram(size)
			if included {
				sequence += n
			}
			sent := true
			for _, at := range lost {
				sent = sent && at != i
			}
			if sent {
				d := v9(sequence, set(256, records(fields(1, 4), size)))
				d[3] = byte(size) // the header counts records
				l.give(d)
			}
			if before {
				sequence += n
			}
		}
		return l
	}
	one := func(int) uint32 { return 1 }
	each := func(size int) uint32 { return uint32(size) }
	cases := []struct {
		name string
		lab  *lab
		gaps uint64
	}{
		{"datagrams", play(true, false, one), 0},
		{"datagrams, with losses", play(true, false, one, 3, 9, 10), 3},
		{"records before the datagram", play(true, false, each), 0},
		{"records before the datagram, one lost later", play(true, false, each, 9), 8},
		{"records with those of the datagram", play(false, true, each), 0},
		{"a loss that looks like a count of records", play(true, false, one, 2, 3, 4, 5, 6, 7), 6},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			checkIdentities(t, c.lab.account)
			if got := c.lab.stream(t).Gaps.Load(); got != c.gaps {
				t.Errorf("%d units lost, want %d", got, c.gaps)
			}
		})
	}
}

// TestIPFIXRestartFlushes: templates of the time before a proven restart are forgotten, those sent since are not.
func TestIPFIXRestartFlushes(t *testing.T) {
	const sec = headerSeconds
	bytesOf256 := set(2, definition(256, 1, 4))
	both := set(2, definition(256, 1, 4), definition(257, 1, 4))
	packets := set(2, definition(256, 2, 4))
	boot := func(seconds uint32) []byte {
		return put(set(3, uint16(400), uint16(2), uint16(1), fieldSpec(149, 4), fieldSpec(160, 8)), set(400, uint32(7), uint64(seconds)*1000))
	}
	cases := []struct {
		name      string
		datagrams [][]byte
		templates int64 // left, that of options included
		waiting   int64
		restarts  uint64
	}{
		{"init time moved, templates of before", [][]byte{ipfixAt(0, sec, both, boot(sec-1000)), ipfixAt(1, sec+60, boot(sec+50)), ipfixAt(2, sec+61, dataOf1)}, 1, 1, 1},
		{"init time moved, one template defined since", [][]byte{ipfixAt(0, sec, both, boot(sec-1000)), ipfixAt(1, sec+55, packets), ipfixAt(1, sec+60, boot(sec+50)), ipfixAt(2, sec+61, dataOf1)}, 2, 0, 1},
		{"init time wandered", [][]byte{ipfixAt(0, sec, both, boot(sec-1000)), ipfixAt(1, sec+60, boot(sec-997)), ipfixAt(2, sec+61, dataOf1)}, 3, 0, 0},
		{"clock set while it runs", [][]byte{ipfixAt(0, sec, both, boot(sec-100_000)), ipfixAt(1, sec+3660, boot(sec-96_400)), ipfixAt(2, sec+3661, dataOf1)}, 3, 0, 1},
		{"count begins anew with a template", [][]byte{ipfixAt(5000, sec, both), ipfixAt(0, sec+60, packets), ipfixAt(0, sec+61, set(257, uint32(1)))}, 1, 1, 1},
		{"count begins anew without", [][]byte{ipfixAt(5000, sec, both), ipfixAt(0, sec+60, dataOf1), ipfixAt(1, sec+61, dataOf1)}, 2, 0, 1},
		{"no restart", [][]byte{ipfixAt(0, sec, both), ipfixAt(0, sec+60, bytesOf256), ipfixAt(0, sec+61, dataOf1)}, 2, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			l.give(c.datagrams...)
			checkIdentities(t, l.account)
			s := l.stream(t)
			if s.Templates.Load() != c.templates || s.Waiting.Load() != c.waiting || s.Restarts.Load() != c.restarts {
				t.Errorf("%d templates, %d sets wait, %d restarts; want %d, %d, %d", s.Templates.Load(), s.Waiting.Load(), s.Restarts.Load(), c.templates, c.waiting, c.restarts)
			}
		})
	}
}
