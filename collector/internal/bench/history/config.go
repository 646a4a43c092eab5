package history

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Config says what history is made, and where.
type Config struct {
	Dir     string // holds the data folder, "data", and the marker of what is in it
	Records uint64 // of the Days; hours that are added behind them later have as many as theirs
	Days    int
	Seed    uint64
	// Until is where the history ends, cut to the hour. A history that is there already is made longer, never shorter; its start stays.
	Until time.Time
}

// DefaultConfig is the history that docs/benchmarks.md reports on: 100 million records in 30 days up to now.
func DefaultConfig(dir string) Config {
	return Config{Dir: dir, Records: 100_000_000, Days: 30, Seed: 1}
}

// minRecords is how many records a day has at least, so that every hour has some.
const minRecords = 24 * 24 * 8

func (c Config) check() error {
	switch {
	case c.Dir == "":
		return errors.New("history: no folder given")
	case c.Days < 1 || c.Days > 45: // uptimes of NetFlow v9 wrap after 49 days
		return fmt.Errorf("history: %d days: want 1 to 45", c.Days)
	case c.Records < uint64(c.Days)*minRecords:
		return fmt.Errorf("history: %d records in %d days: want at least %d", c.Records, c.Days, c.Days*minRecords)
	case c.Until.IsZero():
		return errors.New("history: no end given")
	}
	return nil
}

// Deps is what making a history needs. Log, where set, is told of the progress.
type Deps struct {
	Log      io.Writer
	Terminal bool             // Log is a terminal: a bar moves in place
	Now      func() time.Time // for the progress; nil: the wall clock
}

func (d Deps) complete() Deps {
	if d.Log == nil {
		d.Log = io.Discard
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}
