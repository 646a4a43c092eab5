package score

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"
)

// Kinds of truth entries.
const (
	Attack  = "attack"  // must be found
	Benign  = "benign"  // must not be reported, but for what is allowed
	Neutral = "neutral" // may be reported or not
)

// Truth is an entry of truth.jsonl. Lists hold addresses or prefixes; one of them may be empty.
type Truth struct {
	ID           string    `json:"id"`
	Detector     string    `json:"detector"`
	Start        time.Time `json:"start"`
	End          time.Time `json:"end"`
	Actors       []string  `json:"actors"`
	Victims      []string  `json:"victims"`
	MustDetectBy *float64  `json:"must_detect_by"` // seconds after start
	Kind         string    `json:"kind"`
	Allowed      []string  `json:"allowed"` // detectors that a benign entry may raise
}

// maxLine is the most bytes of a line of truth.
const maxLine = 64 << 20

// ReadTruth reads JSON lines; name stands for the file in errors, which name the line and say what is wrong with it.
func ReadTruth(r io.Reader, name string) ([]Truth, error) {
	var list []Truth
	known := map[string]bool{}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 1<<16), maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var t Truth
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("%s:%d: not an entry of truth: %w", name, n, err)
		}
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if known[t.ID] {
			return nil, fmt.Errorf("%s:%d: id %s is there twice", name, n, t.ID)
		}
		known[t.ID] = true
		list = append(list, t)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

func (t *Truth) check() error {
	for _, text := range slices.Concat(t.Actors, t.Victims) {
		if _, err := netip.ParseAddr(text); err == nil {
			continue
		}
		if _, err := netip.ParsePrefix(text); err != nil {
			return fmt.Errorf("%s is no address and no prefix", text)
		}
	}
	switch {
	case t.ID == "":
		return errors.New("id: every entry has one of its own")
	case t.Kind != Attack && t.Kind != Benign && t.Kind != Neutral:
		return fmt.Errorf("kind %q: write %s, %s or %s", t.Kind, Attack, Benign, Neutral)
	case t.Start.IsZero() || t.End.Before(t.Start):
		return errors.New("start and end: write two times in order, such as 2026-03-02T08:00:00Z")
	case t.Detector == "" && t.Kind == Attack:
		return errors.New("detector: an attack names the detector that should find it, such as scan.horizontal")
	}
	return nil
}
