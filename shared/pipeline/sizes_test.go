package pipeline

import "testing"

// TestSizes: what a configuration gives to detectors is shared among their tables; nothing said is the defaults, and so is what these take.
func TestSizes(t *testing.T) {
	full := sizesOf(0)
	if got := sizesOf(fullMemory); got != full {
		t.Errorf("at %d bytes %+v, want %+v", fullMemory, got, full)
	}
	half := sizesOf(fullMemory / 2)
	if half.rates.Cells != full.rates.Cells/2 || half.sessions.Sessions != full.sessions.Sessions/2 || half.behavior.Hosts != full.behavior.Hosts/2 {
		t.Errorf("half of it: %+v", half)
	}
	if half.rates.Streams != full.rates.Streams {
		t.Errorf("%d streams", half.rates.Streams)
	}
	if small := sizesOf(64 << 20); small.sessions.Held != leastHeld || small.rates.Hot < 1 {
		t.Errorf("the least: %+v", small)
	}
	if great := sizesOf(1 << 50); great.sessions.Sessions > 1<<30 {
		t.Errorf("the most: %+v", great)
	}
}
