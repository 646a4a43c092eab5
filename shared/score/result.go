package score

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// Score is the published form of a [Tally].
type Score struct {
	Overall     Row            `json:"overall"`
	Detectors   map[string]Row `json:"detectors"`
	FalsePerDay float64        `json:"false_per_day"`
	LoudPerDay  float64        `json:"false_above_low_per_day"`
	Records     uint64         `json:"records"`
	Days        float64        `json:"days"`
}

// Row is the score of a detector, of a family whose members share the truth, or of all. Recall is null without truth.
type Row struct {
	Truth     int      `json:"truth"`
	Found     int      `json:"found"`
	Missed    int      `json:"missed"`
	Alerts    int      `json:"alerts"`
	Related   int      `json:"related"`
	False     int      `json:"false"`
	Precision float64  `json:"precision"`
	Recall    *float64 `json:"recall"`
	Time      Times    `json:"time_to_detect"`
	Late      int      `json:"late"` // found after must_detect_by
}

// Times are percentiles in seconds; null where nothing was found.
type Times struct {
	P50 *float64 `json:"p50"`
	P95 *float64 `json:"p95"`
}

// Groups are the prefixes of detectors of which each has a service in its name: they are scored together, too.
func Groups() []string { return []string{"brute.", "dos.reflection."} }

// Score works out the ratios. Detectors with a service in their name also have a row for all, such as brute.*.
func (t *Tally) Score() Score {
	s := Score{Overall: rowOf(t.Overall()), Detectors: map[string]Row{}, Records: t.Records, Days: t.Days}
	sums := map[string]*Counts{}
	for _, name := range slices.Sorted(maps.Keys(t.Detectors)) {
		s.Detectors[name] = rowOf(*t.Detectors[name])
		for _, prefix := range Groups() {
			if strings.HasPrefix(name, prefix) && name != "brute.success" {
				if sums[prefix] == nil {
					sums[prefix] = &Counts{}
				}
				sums[prefix].add(t.Detectors[name])
			}
		}
	}
	for prefix, c := range sums {
		s.Detectors[prefix+"*"] = rowOf(*c)
	}
	if t.Days > 0 {
		all := t.Overall()
		s.FalsePerDay, s.LoudPerDay = float64(all.False)/t.Days, float64(all.Loud)/t.Days
	}
	return s
}

func rowOf(c Counts) Row {
	r := Row{Truth: c.Truth, Found: c.Found, Missed: c.Truth - c.Found, Alerts: c.Alerts, Related: c.Related, False: c.False, Precision: 1, Late: c.Late}
	if n := c.Hits + c.False; n > 0 {
		r.Precision = float64(c.Hits) / float64(n)
	}
	if c.Truth > 0 {
		recall := float64(c.Found) / float64(c.Truth)
		r.Recall = &recall
	}
	r.Time.P50, r.Time.P95 = percentile(c.Seconds, 0.5), percentile(c.Seconds, 0.95)
	return r
}

// percentile is the nearest rank.
func percentile(list []float64, p float64) *float64 {
	if len(list) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(list))
	v := sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
	return &v
}
