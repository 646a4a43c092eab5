package decode_test

import "testing"

// ntp is a time in NTP's 64-bit format, seconds since the Unix epoch and a binary fraction.
func ntp(seconds uint64, fraction uint32) uint64 { return (seconds+2208988800)<<32 | uint64(fraction) }

func TestTimes(t *testing.T) {
	const (
		ms   = uint64(1_700_000_000_123)
		at   = "2023-11-14T22:13:20.123Z"
		next = "2023-11-14T22:13:21.123Z"
	)
	withInit := func(init uint64, pairs []uint16, values ...any) [][]byte {
		return [][]byte{
			ipfix(1, set(3, uint16(300), uint16(2), uint16(1), fieldSpec(144, 4), fieldSpec(160, 8)), set(300, uint32(1), init)),
			ipfix(2, set(2, definition(256, pairs...)), set(256, values...)),
		}
	}
	checkQuirks(t, []quirk{
		{"uptime in v9", oneV9(fields(22, 4, 21, 4), uint32(900), uint32(1000)), map[string]string{"first": "900", "last": "1000", "event.start": "", "event.end": ""}},
		{"milliseconds", oneIPFIX(fields(152, 8, 153, 8), ms, ms+1000), map[string]string{"event.start": at, "event.end": next}},
		{"milliseconds in v9, of 6 bytes", oneV9(fields(152, 6), put(ms)[2:]), map[string]string{"event.start": at}},
		{"seconds", oneV9(fields(150, 4, 151, 4), uint32(ms/1000), uint32(ms/1000+1)), map[string]string{"event.start": "2023-11-14T22:13:20Z", "event.end": "2023-11-14T22:13:21Z"}},
		{"microseconds are NTP time", oneIPFIX(fields(154, 8, 155, 8), ntp(ms/1000, 1<<31), ntp(ms/1000+1, 1<<30)), map[string]string{"event.start": "2023-11-14T22:13:20.5Z", "event.end": "2023-11-14T22:13:21.25Z"}},
		{"nanoseconds are NTP time", oneIPFIX(fields(156, 8, 157, 8), ntp(ms/1000, 1<<31), ntp(ms/1000+1, 0)), map[string]string{"event.start": "2023-11-14T22:13:20.5Z", "event.end": "2023-11-14T22:13:21Z"}},
		{"microseconds since 1970, against the RFC", oneIPFIX(fields(154, 8), ms*1000), map[string]string{"event.start": at}},
		{"deltas to the export time", oneIPFIX(fields(158, 4, 159, 4), uint32(2_500_000), uint32(500_000)), map[string]string{"event.start": "2023-11-14T22:13:17.5Z", "event.end": "2023-11-14T22:13:19.5Z"}},
		{"the finer of two", oneIPFIX(fields(150, 4, 152, 8), uint32(5), ms), map[string]string{"event.start": at, "0/150": "00000005", "0/152": ""}},
		{"0 is no time", oneIPFIX(fields(152, 8, 153, 8), uint64(0), ms), map[string]string{"event.start": "", "event.end": at}},
		{"observation time alone", oneV9(fields(323, 8), ms), map[string]string{"event.start": at, "event.end": at}},
		{"ASA: start and time of the event", oneV9(fields(152, 8, 323, 8), ms, ms+1000), map[string]string{"event.start": at, "event.end": next}},
		{"duration completes the end", oneIPFIX(fields(152, 8, 161, 4), ms, uint32(1000)), map[string]string{"event.start": at, "event.end": next, "0/161": "000003e8"}},
		{"duration completes the start", oneIPFIX(fields(153, 8, 162, 4), ms+1000, uint32(1_000_000)), map[string]string{"event.start": at, "event.end": next}},
		{"IPFIX uptime without init time", oneIPFIX(fields(22, 4, 21, 4), uint32(123), uint32(1123)), map[string]string{"first": "123", "last": "1123", "event.start": ""}},
		{"init time in the record", oneIPFIX(fields(160, 8, 22, 4, 21, 4), ms-123, uint32(123), uint32(1123)), map[string]string{"event.start": at, "event.end": next, "first": "", "last": ""}},
		{"init time in options", withInit(ms-123, fields(22, 4, 21, 4), uint32(123), uint32(1123)), map[string]string{"event.start": at, "event.end": next}},
		{"flow older than the init time", withInit(ms+5000, fields(22, 4, 21, 4), uint32(1<<32-5000), uint32(0)), map[string]string{"event.start": at, "event.end": "2023-11-14T22:13:25.123Z"}},
		{"uptime beyond a wrap", withInit(ms-1000-1<<32, fields(22, 4, 21, 4), uint32(0), uint32(1000)), map[string]string{"event.start": "2023-11-14T22:13:19.123Z", "event.end": at}},
		{"init time that fits nothing", withInit(1000, fields(22, 4), uint32(500)), map[string]string{"event.start": "1970-01-01T00:00:01.5Z"}},
		{"v9 has its own uptime", oneV9(fields(160, 8, 22, 4), ms, uint32(123)), map[string]string{"first": "123", "event.start": "", "0/160": hexOf(put(ms))}},
	})
}

func TestSampling(t *testing.T) {
	sampler := func(id, n uint32) []byte { // as Cisco describes samplers: scope system, id, mode, interval
		return v9(1, set(1, uint16(257), uint16(4), uint16(12), uint16(1), uint16(4), fieldSpec(48, 1), fieldSpec(49, 1), fieldSpec(50, 4)),
			set(257, uint32(0), uint8(id), uint8(2), n))
	}
	plain := v9(1, set(1, uint16(257), uint16(4), uint16(8), uint16(1), uint16(4), fieldSpec(34, 4), fieldSpec(35, 1)), set(257, uint32(0), uint32(1000), uint8(2)))
	perInterface := v9(1, set(1, uint16(257), uint16(4), uint16(4), uint16(2), uint16(4), fieldSpec(34, 4)), set(257, uint32(5), uint32(256)))
	selector := func(pairs []uint16, values ...any) []byte { // IPFIX: selector id as scope
		n := uint16(len(pairs)/2 + 1)
		return ipfix(1, set(3, uint16(257), n, uint16(1), fieldSpec(302, 8), definition(0, pairs...)[4:]), set(257, append([]any{uint64(9)}, values...)...))
	}
	record9 := v9(2, set(0, definition(256, 48, 1, 10, 2)), set(256, uint8(3), uint16(5)))
	recordIPFIX := ipfix(2, set(2, definition(256, 302, 8)), set(256, uint64(9)))
	result := func(n, source string) map[string]string {
		return map[string]string{"weir.sampling.interval": n, "weir.sampling.source": source}
	}
	checkQuirks(t, []quirk{
		{"nothing said", oneV9(fields(1, 4), uint32(1)), result("", "")},
		{"interval in the record", oneV9(fields(34, 4), uint32(100)), result("100", "header")},
		{"random interval in the record", oneV9(fields(50, 4), uint32(100)), result("100", "header")},
		{"1 and 9 in the record", oneIPFIX(fields(305, 4, 306, 4), uint32(1), uint32(9)), result("10", "header")},
		{"4 of 10", oneIPFIX(fields(305, 4, 306, 4), uint32(4), uint32(6)), result("2.5", "header")},
		{"305 alone", oneIPFIX(fields(305, 4), uint32(64)), result("64", "header")},
		{"size and population", oneIPFIX(fields(309, 4, 310, 4), uint32(2), uint32(128)), result("64", "header")},
		{"probability", oneIPFIX(fields(311, 8), uint64(0x3f90000000000000)), result("64", "header")}, // 2^-6
		{"sampler known from options", [][]byte{sampler(3, 512), record9}, result("512", "options")},
		{"another sampler than the described", [][]byte{sampler(4, 512), record9}, result("", "unknown")},
		{"sampler 0 means none", oneV9(fields(48, 1), uint8(0)), result("", "")},
		{"a sampler of interval 0 takes every packet", [][]byte{sampler(3, 0), record9}, result("1", "options")},
		{"options without selector", [][]byte{plain, v9(2, set(0, definition(256, 1, 4)), set(256, uint32(1)))}, result("1000", "options")},
		{"header wins over options without selector", [][]byte{plain, v9(2, set(0, definition(256, 34, 4)), set(256, uint32(50)))}, result("50", "header")},
		{"options of the interface", [][]byte{perInterface, v9(2, set(0, definition(256, 10, 2)), set(256, uint16(5)))}, result("256", "options")},
		{"options of another interface", [][]byte{perInterface, v9(2, set(0, definition(256, 10, 2)), set(256, uint16(6)))}, result("", "")},
		{"selector with packet interval and space", [][]byte{selector(fields(304, 2, 305, 4, 306, 4), uint16(1), uint32(1), uint32(999)), recordIPFIX}, result("1000", "options")},
		{"selector with size and population", [][]byte{selector(fields(309, 4, 310, 4), uint32(1), uint32(400)), recordIPFIX}, result("400", "options")},
		{"v5 header, low 14 bits", [][]byte{v5(0, 0x4000|100, records([]uint16{0, 48}, 1))}, result("100", "header")},
		{"v5 without sampling", [][]byte{v5(0, 0x4000, records([]uint16{0, 48}, 1))}, result("", "")},
	})
}

func TestNamesFromOptions(t *testing.T) {
	interfaces := v9(1, set(1, uint16(257), uint16(4), uint16(8), uint16(2), uint16(4), fieldSpec(82, 8), fieldSpec(83, 4)),
		set(257, uint32(5), "ge-0/0/5", "LAN\x00", uint32(6), "\x00\x00\x00\x00\x00\x00\x00\x00", "WAN\x00"))
	ipfixInterfaces := ipfix(1, set(3, uint16(257), uint16(2), uint16(1), fieldSpec(10, 4), fieldSpec(82, 65535)), set(257, uint32(5), uint8(4), "eth5"))
	applications := v9(1, set(1, uint16(257), uint16(4), uint16(8), uint16(1), uint16(0), fieldSpec(95, 4), fieldSpec(96, 8)),
		set(257, uint32(0x0d0000c8), "webex\x00\x00\x00"))
	checkQuirks(t, []quirk{
		{"interface names, the description where there is none", [][]byte{interfaces, v9(2, set(0, definition(256, 10, 2, 14, 2)), set(256, uint16(5), uint16(6)))}, map[string]string{
			"observer.ingress.interface.name": "ge-0/0/5", "observer.egress.interface.name": "WAN",
		}},
		{"interface names in IPFIX, of variable length", [][]byte{ipfixInterfaces, ipfix(2, set(2, definition(256, 10, 4)), set(256, uint32(5)))}, map[string]string{"observer.ingress.interface.name": "eth5"}},
		{"application names, scope of length 0 (Junos)", [][]byte{applications, v9(2, set(0, definition(256, 95, 4)), set(256, uint32(0x0d0000c8)))}, map[string]string{
			"network.application": "webex", "0/95": "0d0000c8",
		}},
	})
}
