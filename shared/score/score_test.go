package score_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/score"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// alert is of ten seconds from noon on, found after a minute.
func alert(detector string, severity int, actors, victims string) flow.Alert {
	end := at(10)
	return flow.Alert{
		ID: detector + actors + victims, Detector: detector, Severity: severity, State: flow.AlertEnded, Start: noon, Last: end, End: &end, DetectedAt: at(60),
		Actors: strings.Fields(actors), Victims: strings.Fields(victims),
	}
}

func truth(kind, detector, actors, victims string, allowed ...string) score.Truth {
	return score.Truth{ID: kind + detector, Kind: kind, Detector: detector, Start: noon, End: at(30), Actors: strings.Fields(actors), Victims: strings.Fields(victims), Allowed: allowed}
}

// TestVerdicts has a case for each clause of the rules.
func TestVerdicts(t *testing.T) {
	const a, b, c = "10.0.0.1", "10.0.0.2", "10.0.0.3"
	scan := truth(score.Attack, "scan.horizontal", a, b)
	late := alert("scan.horizontal", 40, a, b)
	late.Start, late.Last = at(30+121), at(400)
	late.End = &late.Last
	inTime := late
	inTime.Start = at(30 + 119)
	for _, x := range []struct {
		name  string
		alert flow.Alert
		truth []score.Truth
		want  score.Verdict
	}{
		{"same detector, actor shared", alert("scan.horizontal", 40, a, c), []score.Truth{scan}, score.Hit},
		{"same detector, victim shared", alert("scan.horizontal", 40, c, b), []score.Truth{scan}, score.Hit},
		{"an actor is no victim", alert("scan.horizontal", 40, b, a), []score.Truth{scan}, score.Related},
		{"no host shared", alert("scan.horizontal", 40, c, c), []score.Truth{scan}, score.False},
		{"same family on a shared host", alert("scan.block", 40, a, c), []score.Truth{scan}, score.Related},
		{"another family on a shared host", alert("exfil.session", 40, a, c), []score.Truth{scan}, score.False},
		{"parent and child of two families", alert("behav.new_login", 40, a, b), []score.Truth{truth(score.Attack, "brute.success", a, b)}, score.Related},
		{"another service is not the same", alert("brute.ssh", 40, a, b), []score.Truth{truth(score.Attack, "brute.rdp", a, b)}, score.Related},
		{"just within active timeout and a minute", inTime, []score.Truth{scan}, score.Hit},
		{"just after it", late, []score.Truth{scan}, score.False},
		{"only neutral", alert("exfil.session", 40, a, c), []score.Truth{truth(score.Neutral, "scan.horizontal", a, b)}, score.Related},
		{"neutral, and an attack of another family", alert("exfil.session", 40, a, c), []score.Truth{truth(score.Neutral, "x", a, b), scan}, score.False},
		{"neutral and benign", alert("exfil.session", 40, a, c), []score.Truth{truth(score.Neutral, "x", a, b), truth(score.Benign, "", a, b)}, score.False},
		{"benign", alert("exfil.session", 40, a, c), []score.Truth{truth(score.Benign, "", a, b)}, score.False},
		{"benign and allowed", alert("exfil.session", 40, a, c), []score.Truth{truth(score.Benign, "", a, b, "exfil.session")}, score.Related},
		{"inside a prefix of four times the size", alert("scan.horizontal", 40, "10.0.0.0/30", c), []score.Truth{scan}, score.Hit},
		{"inside a larger prefix", alert("scan.horizontal", 40, "10.0.0.0/29", c), []score.Truth{scan}, score.False},
		{"nothing true at all", alert("scan.horizontal", 40, a, b), nil, score.False},
	} {
		tally := score.Compare([]flow.Alert{x.alert}, x.truth, score.Config{})
		if len(tally.Cases) != 1 || tally.Cases[0].Verdict != x.want {
			t.Errorf("%s: %+v, want %d", x.name, tally.Cases, x.want)
		}
	}
	for _, unscored := range []flow.Alert{alert("scan.horizontal", 19, a, b), alert("label.backscatter", 90, a, b)} {
		if tally := score.Compare([]flow.Alert{unscored}, []score.Truth{scan}, score.Config{}); len(tally.Cases) != 0 {
			t.Errorf("%s %d is scored", unscored.Detector, unscored.Severity)
		}
	}
}

// TestScore works one set out by hand, and adds it to itself.
func TestScore(t *testing.T) {
	limit := 50.0
	found, second, missed := truth(score.Attack, "brute.ssh", "10.0.0.1", ""), truth(score.Attack, "brute.rdp", "10.0.0.2", ""), truth(score.Attack, "brute.rdp", "10.0.0.9", "")
	found.MustDetectBy = &limit
	missed.ID = "missed"
	again := alert("brute.ssh", 30, "10.0.0.1", "")
	again.DetectedAt = at(90)
	alerts := []flow.Alert{
		again, alert("brute.ssh", 30, "10.0.0.1", ""), alert("brute.rdp", 30, "10.0.0.2", ""),
		alert("brute.rdp", 60, "10.9.9.9", ""), alert("scan.block", 20, "10.9.9.9", ""),
	}
	tally := score.Compare(alerts, []score.Truth{found, second, missed}, score.Config{})
	tally.Days, tally.Records = 0.5, 100
	s := tally.Score()
	if s.Overall.Truth != 3 || s.Overall.Found != 2 || *s.Overall.Recall != 2.0/3 || s.Overall.Precision != 3.0/5 || s.FalsePerDay != 4 || s.LoudPerDay != 2 || s.Overall.Late != 1 {
		t.Errorf("%+v", s)
	}
	rdp, all, scan := s.Detectors["brute.rdp"], s.Detectors["brute.*"], s.Detectors["scan.block"]
	if rdp.Precision != 0.5 || *rdp.Recall != 0.5 || all.Truth != 3 || all.False != 1 || scan.Recall != nil || scan.Precision != 0 {
		t.Errorf("%+v\n%+v\n%+v", rdp, all, scan)
	}
	if *s.Overall.Time.P50 != 60 || *s.Overall.Time.P95 != 60 || scan.Time.P50 != nil {
		t.Errorf("%+v", s.Overall.Time)
	}
	if len(tally.Missed) != 1 || tally.Missed[0].ID != "missed" {
		t.Errorf("%+v", tally.Missed)
	}
	var sum score.Tally
	sum.Add(&tally)
	sum.Add(&tally)
	if twice := sum.Score(); twice.Overall.Truth != 6 || twice.Records != 200 || twice.FalsePerDay != 4 || twice.Overall.Precision != s.Overall.Precision {
		t.Errorf("%+v", twice)
	}
}

// TestReadTruth: errors name the line and say how to mend it.
func TestReadTruth(t *testing.T) {
	const good = `{"id":"1","detector":"scan.block","start":"2026-03-02T12:00:00Z","end":"2026-03-02T12:00:00Z","actors":[],"victims":["10.0.0.1"],"service":null,"must_detect_by":null,"campaign":null,"step":null,"kind":"attack","allowed":[]}`
	list, err := score.ReadTruth(strings.NewReader(good+"\n\n"+strings.Replace(good, `"1"`, `"2"`, 1)), "truth.jsonl")
	if err != nil || len(list) != 2 || list[1].Victims[0] != "10.0.0.1" {
		t.Errorf("%+v, %v", list, err)
	}
	for bad, says := range map[string]string{
		"{":                                     "truth.jsonl:2: not an entry",
		strings.Replace(good, "attack", "x", 1): "truth.jsonl:2: kind",
		strings.Replace(good, "12:00", "13:00", 1):     "truth.jsonl:2: start and end",
		strings.Replace(good, "scan.block", "", 1):     "truth.jsonl:2: detector",
		strings.Replace(good, "10.0.0.1", "10.0.0", 1): "truth.jsonl:2: 10.0.0 is no address",
		good:                                  "truth.jsonl:2: id 1 is there twice",
		strings.Replace(good, `"1"`, `""`, 1): "truth.jsonl:2: id",
	} {
		if _, err := score.ReadTruth(strings.NewReader(good+"\n"+bad), "truth.jsonl"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func FuzzReadTruth(f *testing.F) {
	f.Add(`{"id":"1","kind":"attack","detector":"x","start":"2026-03-02T12:00:00Z","end":"2026-03-02T12:00:00Z"}`)
	f.Fuzz(func(t *testing.T, text string) {
		if list, err := score.ReadTruth(strings.NewReader(text), "f"); err == nil {
			_ = score.Compare(nil, list, score.Config{})
		}
	})
}
