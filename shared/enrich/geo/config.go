package geo

import (
	"errors"
	"log/slog"
	"time"
)

// Config says which files are used. Both may be the same file.
type Config struct {
	Country string        // path of a file with countries; "" where there is none
	ASN     string        // path of a file with AS numbers; "" where there is none
	Every   time.Duration // how often the files are looked at for changes; 0 is 5 s
}

// DefaultConfig has no files.
func DefaultConfig() Config { return Config{Every: 5 * time.Second} }

// Deps is what a locator works with.
type Deps struct {
	Log *slog.Logger // nil: none
	// Ticks says when to look at the files; nil is a ticker of Config.Every.
	Ticks <-chan time.Time
}

// Errors of files, wrapped with the file's path.
var (
	ErrFormat   = errors.New("not a file in MaxMind's DB format")
	ErrBroken   = errors.New("broken")
	ErrContent  = errors.New("has not what is asked of it")
	ErrTooLarge = errors.New("too large")
)

// MaxFile is the most bytes of a file. All of them are kept in memory, and twice as many while a new file is taken.
const MaxFile = 1 << 30

// Stats are the counters of a locator.
type Stats struct {
	Lookups       uint64 // addresses looked up
	Cached        uint64 // of these, answered by a cache
	Found         uint64 // of these, with a country or an AS number
	Missed        uint64 // of these, with neither
	Reloads       uint64 // changed files taken into use
	FailedReloads uint64 // changed files that were of no use
	CountryBuilt  int64  // when the file of countries was made, seconds since the Unix epoch; 0 without one
	ASNBuilt      int64  // the same of the file of AS numbers
}
