package detect

import (
	"fmt"
	"math"
	"strconv"
)

// growth is by how much the severity rises with the ratio of value to threshold, and its cap.
func growth(ratio float64) float64 { return math.Min(20, 10*math.Log10(math.Max(1, ratio))) }

// severity returns the severity of an alert, 0 to 100 (docs/detectors.md): the detector's base, grown with how
// far the threshold is passed, lowered under sampling by what the packets seen leave open, and bounded by the verdict.
func (e *Engine) severity(h *hot, a *alert, k *kind) int {
	score := k.severity + growth(a.peak.ratio)
	if k.early {
		score = severityByRate(a.peak.ratio)
	}
	score -= 30 * (1 - h.certainty(a.peak.raw))
	most := 100.0
	switch {
	case a.verdict.outcome == surge:
		most = 30
	case a.verdict.outcome == undecided:
		most = 59
	case a.verdict.blind && a.identity.service.blind == blindLow && a.identity.service.name != "":
		most = severityOfLow
	}
	return int(math.Round(math.Max(0, math.Min(score, most))))
}

// confidence returns how sure a finding is: what sampling leaves open, and what the exporters do not let us judge.
func (h *hot) confidence(a *alert, k *kind) float64 {
	c := h.certainty(a.peak.raw)
	switch {
	case k.early:
		c *= 1 - 0.1*float64(a.verdict.missing)
	case a.verdict.blind:
		c *= blindCapability
	}
	if h.unknown {
		c *= blindCapability
	}
	return round2(c)
}

// sampling says what sampling means for a finding, "" for nothing.
func (h *hot) samplingText(a *alert) string {
	if h.unknown {
		return "The sampling interval is not known: rates are those of the sampled packets or more."
	}
	if h.interval <= 1 {
		return ""
	}
	return fmt.Sprintf("Sampled 1:%s: rates are estimates within %.0f %% (95 %%) from %s packets seen; sources are a lower bound.",
		strconv.FormatFloat(h.interval, 'f', -1, 64), 196/math.Sqrt(math.Max(1, a.peak.raw)), thousands(uint64(a.peak.raw)))
}
