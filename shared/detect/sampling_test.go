package detect

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// sampledFlood is a flood of a number of packets/s, seen 1:n; the sampled packets are spread over the senders.
func sampledFlood(n, pps float64, source flow.SamplingSource) *exporter {
	x := newExporter(60, 15)
	x.interval = n
	x.see(background(t0, t0+secs(900))...)
	x.see(reflectionOf(11211, 30, pps*1400*8, 1400, floodFrom, floodTo)...)
	for i := range x.records {
		x.records[i].SamplingSource = source
	}
	return x
}

// TestSampling: at least 100 sampled packets in a window confirm, 30 to 99 are suspect at 1.5 times the threshold, fewer say
// nothing. The floor is 1 Mbit/s for memcached, 5,000 packets/s for any flood.
func TestSampling(t *testing.T) {
	for _, c := range []struct {
		name       string
		n, pps     float64 // 1400 bytes a packet
		cfg        Config
		volumetric bool
		reflection bool
	}{
		{"1:10, 150 packets a window", 10, 150, Config{}, false, true},
		{"1:100, 50 packets a window, five times the threshold", 100, 500, Config{}, false, true},
		{"1:100, 20 packets a window", 100, 200, Config{}, false, false},
		{"1:1000, 200 packets a window", 1000, 20_000, Config{}, true, true},
		{"1:1000, 65 packets a window, 1.3 times the threshold", 1000, 6500, Config{ServiceBPS: map[string]float64{"memcached": 1e9}}, false, false},
		{"1:1000, 85 packets a window, 1.7 times the threshold", 1000, 8500, Config{ServiceBPS: map[string]float64{"memcached": 1e9}}, true, false},
		{"1:4096 takes a minute: 27 packets in 10 s, 160 in 60 s", 4096, 11_000, Config{}, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			alerts := (&play{cfg: c.cfg}).run(t, sampledFlood(c.n, c.pps, flow.SamplingOptions))
			volumetric, reflection := false, false
			for _, a := range alerts {
				volumetric = volumetric || a.Detector == volumetricName
				reflection = reflection || a.Detector == "dos.reflection.memcached"
				if !strings.HasPrefix(a.Sampling, "Sampled 1:") || !strings.Contains(a.Sampling, "lower bound") {
					t.Errorf("sampling: %q", a.Sampling)
				}
			}
			if volumetric != c.volumetric || reflection != c.reflection {
				t.Errorf("volumetric %v, reflection %v, want %v, %v:%s", volumetric, reflection, c.volumetric, c.reflection, titles(alerts))
			}
		})
	}
}

// TestSampledConfidence: few packets leave doubt, which lowers the severity too.
func TestSampledConfidence(t *testing.T) {
	sure := find(t, (&play{}).run(t, sampledFlood(100, 5000, flow.SamplingOptions)), "dos.reflection.memcached")
	unsure := find(t, (&play{}).run(t, sampledFlood(100, 400, flow.SamplingOptions)), "dos.reflection.memcached")
	if sure.Confidence != 0.6 || unsure.Confidence >= 0.5 || unsure.Confidence < 0.3 {
		t.Errorf("confidence %v and %v", sure.Confidence, unsure.Confidence)
	}
	if sure.Severity-unsure.Severity < 10 {
		t.Errorf("severity %d and %d", sure.Severity, unsure.Severity)
	}
	if !strings.Contains(sure.Sampling, "cannot be judged from sampled flows") {
		t.Error(sure.Sampling)
	}
}

// TestSampledRate: the scaled rate is right within what the number of packets allows.
func TestSampledRate(t *testing.T) {
	a := find(t, (&play{}).run(t, sampledFlood(1000, 50_000, flow.SamplingOptions)), volumetricName)
	if a.DoS.PeakPPS < 45_000 || a.DoS.PeakPPS > 58_000 {
		t.Errorf("peak %v packets/s, sent 50,000", a.DoS.PeakPPS)
	}
}

func TestUnknownSampling(t *testing.T) {
	x := sampledFlood(1, 50_000, flow.SamplingUnknown)
	a := find(t, (&play{}).run(t, x), volumetricName)
	if !strings.Contains(a.Sampling, "not known") || a.Confidence > 0.6 {
		t.Errorf("%q, confidence %v", a.Sampling, a.Confidence)
	}
}

// TestUnsampledSaysNothing about sampling.
func TestUnsampledSaysNothing(t *testing.T) {
	for _, a := range (&play{}).run(t, sampledFlood(1, 20_000, flow.SamplingAssumed)) {
		if a.Sampling != "" || a.Confidence != 1 {
			t.Errorf("%s: %q, confidence %v", a.Detector, a.Sampling, a.Confidence)
		}
	}
}

// TestLowestRate: half as much again as the lowest rate that can be tested is found at every interval, a fifth of it is not.
func TestLowestRate(t *testing.T) {
	for _, n := range []float64{10, 100, 1000, 4096} {
		lowest := sampling.LowestRate(n)
		find(t, (&play{}).run(t, sampledFlood(n, 1.5*lowest, flow.SamplingOptions)), "dos.reflection.memcached")
		if 1.5*lowest >= DefaultConfig().Floor.PPS {
			find(t, (&play{}).run(t, sampledFlood(n, 1.5*lowest, flow.SamplingOptions)), volumetricName)
		}
		if alerts := (&play{}).run(t, sampledFlood(n, 0.2*lowest, flow.SamplingOptions)); len(alerts) > 0 {
			t.Errorf("1:%v, %v packets/s:%s", n, 0.2*lowest, titles(alerts))
		}
	}
}
