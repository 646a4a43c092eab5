package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// MarkerName is the file that says what a folder's history is.
const MarkerName = "history.json"

// Marker says what history a folder holds, and how far it has come.
type Marker struct {
	Version  int       `json:"version"`
	Records  uint64    `json:"records"`
	Days     int       `json:"days"`
	Seed     uint64    `json:"seed"`
	Start    time.Time `json:"start"`
	Hours    int       `json:"hours"`    // whole hours that are stored
	Stored   uint64    `json:"stored"`   // records in them
	Sessions uint64    `json:"sessions"` // sessions in them
}

// markerVersion changes with what is made of the same numbers.
const markerVersion = 1

// End is up to where there are records.
func (m Marker) End() time.Time { return m.Start.Add(time.Duration(m.Hours) * time.Hour) }

// DataDir is the data folder of the history in dir.
func DataDir(dir string) string { return filepath.Join(dir, "data") }

// ErrOther says that a folder holds another history than the wanted one.
var ErrOther = errors.New("the folder holds another history: name another folder, or remove it")

// ReadMarker returns the marker of a folder. The error is fs.ErrNotExist where there is none.
func ReadMarker(dir string) (m Marker, err error) {
	text, err := os.ReadFile(filepath.Join(dir, MarkerName))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", MarkerName, err)
	}
	return m, nil
}

// recall returns the marker of the history in the folder, or of a new one.
func recall(c Config) (Marker, error) {
	end := c.Until.UTC().Truncate(time.Hour)
	want := Marker{Version: markerVersion, Records: c.Records, Days: c.Days, Seed: c.Seed, Start: end.AddDate(0, 0, -c.Days)}
	m, err := ReadMarker(c.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return want, want.write(c.Dir)
	case err != nil:
		return m, fmt.Errorf("history in %s: %w", c.Dir, err)
	case m.Version != want.Version || m.Records != want.Records || m.Days != want.Days || m.Seed != want.Seed:
		return m, fmt.Errorf("history in %s: %d records in %d days, seed %d: %w", c.Dir, m.Records, m.Days, m.Seed, ErrOther)
	}
	return m, nil
}

// write replaces the marker in one step.
func (m Marker) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, MarkerName)
	if err := os.WriteFile(path+".tmp", append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return os.Rename(path+".tmp", path)
}
