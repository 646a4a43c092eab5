package bench

import (
	"testing"
	"time"
)

func TestStatistics(t *testing.T) {
	const rows = "2026-03-01 05:59:10,2026-03-02 05:59:55,86444.625,any,198.51.100.7,81185,8.1,1593416,8.1,1323075089,8.6,18,122443,830\n"
	for name, head := range map[string]string{
		"1.6.x": "ts,te,td,pr,val,fl,flP,ipkt,ipktP,ibyt,ibytP,ipps,ibps,ibpp\n",
		"1.7.1": "ts,te,td,pr,val,fl,flP,pkt,pktP,byt,bytP,pps,bps,bpp\n",
	} {
		got, err := statistics([]byte(head + rows))
		if err != nil || len(got) != 1 || got[0] != (amount{"198.51.100.7", 1323075089}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := statistics([]byte("No matching flows\n")); err == nil {
		t.Errorf("no statistics: %v", got)
	}
}

func TestListing(t *testing.T) {
	rows, sum, err := listing([]byte("  208.67.121.177  64344       10.20.7.77    443        2      979\n 10.20.7.77 53 214.121.132.69 54556 6 21\n\n"))
	if err != nil || rows != 2 || sum != 1000 {
		t.Errorf("%d rows, %d bytes, %v", rows, sum, err)
	}
	if _, _, err := listing([]byte("1.2 M\n")); err == nil {
		t.Error("a number with a unit was read")
	}
}

func TestSameTop(t *testing.T) {
	const out = "val,byt\n443,1000\n53,500\n"
	if got, err := sameTop([]byte(out), answer{amounts: []amount{{"443", 1000}, {"25", 500}}}); got != "the same" || err != nil {
		t.Errorf("another one of two in the last place: %q, %v", got, err)
	}
	for want, list := range map[string][]amount{
		"the same": {{"443", 1000}, {"53", 500}},
		"the same groups, sums off by up to 1.000 %":                {{"443", 1001}, {"53", 495}},
		"**differ** in 2 of 2 groups: {53 1000}, nfdump {443 1000}": {{"53", 1000}, {"443", 500}},
		"**differ**: 1 rows, nfdump 2":                              {{"443", 1000}},
	} {
		if got, err := sameTop([]byte(out), answer{amounts: list}); got != want || err != nil {
			t.Errorf("%v: %q, %v; want %q", list, got, err, want)
		}
	}
}

func TestTimes(t *testing.T) {
	list := times{3 * time.Second, time.Second, 2 * time.Second}
	if list.median() != 2*time.Second || list.worst() != 3*time.Second || times(nil).median() != 0 || times(nil).worst() != 0 {
		t.Errorf("median %s, worst %s", list.median(), list.worst())
	}
	for d, want := range map[time.Duration]string{1500 * time.Millisecond: "1.50 s", 12 * time.Millisecond: "12 ms", 70 * time.Microsecond: "0.07 ms"} {
		if got := show(d); got != want {
			t.Errorf("%s is shown as %s", d, got)
		}
	}
}
