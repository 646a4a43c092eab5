package store

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
)

// Config says how a data folder is opened; the zero value of every field but Dir means its default.
type Config struct {
	Dir         string
	ReadOnly    bool          // only ask; several processes may, while none writes
	MemoryLimit int64         // bytes that DuckDB may use for its buffers; more spills to DIR/tmp
	Threads     int           // of DuckDB; 0: by the number of cores
	SealRows    int64         // rows of a hot file at which it is sealed before its hour has passed
	GroupRows   int64         // rows of a row group of sealed files
	Retention   time.Duration // sealed files are deleted this long after the commit of their last record; 0 keeps all
	// RetentionSize is what the sealed files, what is made of them and the database may take together, in bytes: beyond it the files that
	// were committed first are deleted; 0: no bound.
	RetentionSize int64
	KeepFree      float64       // part of the file system, 0 to 0.9, that stays free: as RetentionSize
	CommitEvery   time.Duration // the longest that a record waits for its commit
	CommitRows    int           // rows at which a transaction is committed earlier
	RecentSets    int           // blocks of up to 64 records (package seen) remembered exactly, to tell what is stored already
	Connections   int           // questions answered at a time; others wait
	RollupRows    int64         // records of a part from which on rollups are made of it
	// Talkers is how many addresses (or ports) a rollup keeps at least, of those that carry most: a 25th of the records, up to 50 times as many.
	Talkers int
	// ApproximateRows is the number of records beyond which questions for addresses are answered from rollups that have not kept all.
	ApproximateRows int64
	// HostSums is how many sums of hosts a part has at most: where there would be more, as in a flood from made-up addresses, there are none.
	HostSums int64
}

// DefaultConfig returns the defaults for the folder dir. CommitEvery leaves room for the commit itself within a second.
func DefaultConfig(dir string) Config {
	return Config{
		Dir: dir, MemoryLimit: 256 << 20, SealRows: 8 << 20, GroupRows: 24_576, CommitEvery: 700 * time.Millisecond, CommitRows: 245_760,
		RecentSets: 1 << 17, Connections: 4, RollupRows: 4096, Talkers: 1000, ApproximateRows: 5_000_000, HostSums: 2 << 20,
	}
}

// Complete returns c with defaults where it says nothing.
func (c Config) Complete() (Config, error) {
	d := DefaultConfig(c.Dir)
	if c.Dir == "" {
		return c, errors.New("store: no data folder given")
	}
	if strings.Contains(c.Dir, "?") {
		return c, fmt.Errorf("store: data folder %s: DuckDB takes what follows a ? for options; choose another name", c.Dir)
	}
	if c.MemoryLimit < 0 || c.Threads < 0 || c.SealRows < 0 || c.GroupRows < 0 || c.Retention < 0 || c.CommitEvery < 0 || c.CommitRows < 0 || c.RecentSets < 0 || c.Connections < 0 ||
		c.RetentionSize < 0 || c.KeepFree < 0 || c.KeepFree > 0.9 || c.RollupRows < 0 || c.Talkers < 0 || c.ApproximateRows < 0 || c.HostSums < 0 {
		return c, fmt.Errorf("store: negative limit in %+v", c)
	}
	orDefault(&c.MemoryLimit, d.MemoryLimit)
	orDefault(&c.SealRows, d.SealRows)
	orDefault(&c.GroupRows, d.GroupRows)
	orDefault(&c.CommitEvery, d.CommitEvery)
	orDefault(&c.CommitRows, d.CommitRows)
	orDefault(&c.RecentSets, d.RecentSets)
	orDefault(&c.Connections, d.Connections)
	orDefault(&c.RollupRows, d.RollupRows)
	orDefault(&c.Talkers, d.Talkers)
	orDefault(&c.ApproximateRows, d.ApproximateRows)
	orDefault(&c.HostSums, d.HostSums)
	return c, nil
}

func orDefault[T comparable](at *T, value T) {
	var zero T
	if *at == zero {
		*at = value
	}
}

// Deps is what a store needs from its process; nil members have a default.
type Deps struct {
	// Space returns the room of the file system that holds a folder, free and all, in bytes; nil: [Space].
	Space   func(dir string) (free, total uint64, err error)
	Now     func() time.Time  // clock of commits, sealing and retention; nil: the wall clock
	Log     *slog.Logger      // nil: discards
	Symbols *flow.Symbols     // for the records that queries return; nil: a table of its own for each answer
	Account *flow.Account     // the running pipeline's loss account; nil: what was committed
	Loss    func() query.Loss // what is known to be missing, shown with answers; nil: from the accounts
	// LossIn returns what of it was noticed at about the time of a range (zero times: no bound); nil: not known.
	LossIn func(from, to time.Time) *query.LossInRange
	// Before, where set, is called before each commit: for what must be on disk no later than the records are, such as the
	// templates by which what follows them is read. Writing waits for it.
	Before func()
	// Health, where set, tells how well a stream of the running pipeline is exported; it is kept when the store is closed.
	Health func(flow.StreamKey) *health.Stream
}

// Complete returns d with defaults where it says nothing.
func (d Deps) Complete() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Space == nil {
		d.Space = Space
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Health == nil {
		d.Health = func(flow.StreamKey) *health.Stream { return nil }
	}
	return d
}
