//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// Store is an open data folder. It is safe for concurrent use.
type Store struct {
	cfg           store.Config
	deps          store.Deps
	reg           *flow.Registry
	fields        []stored
	sessionFields []stored
	lock          *durable.Lock
	dbLock        sync.RWMutex // held while db is used to connect, and while it is opened again
	db            duck.Database

	writer   *writer // nil when open for reading only
	readers  *readers
	files    files
	hotFiles hotFiles
	hosts    hosts
	restart  restart // what the folder held when it was opened
	counts   counts

	damaged    atomic.Bool  // the database is to be opened again: see repair
	deleted    atomic.Int64 // records of before then, in ns, have been deleted by retention; 0: none
	superseded atomic.Bool  // there may be rows of sessions without an id that others supersede

	house          house         // held while sealing or expiring
	roomMade       time.Time     // when files were deleted last for room on the disk
	minutesExpired time.Time     // when minutes of interfaces were last expired
	kick           chan struct{} // wakes the housekeeper
	stop           context.CancelFunc
	running        sync.WaitGroup
	close          sync.Once
	closed         error
}

var (
	_ sink.Records          = (*Store)(nil)
	_ sink.Sessions         = (*Store)(nil)
	_ sink.Alerts           = (*Store)(nil)
	_ query.Engine          = (*Store)(nil)
	_ query.SessionReader   = (*Store)(nil)
	_ query.AlertReader     = (*Store)(nil)
	_ query.ExporterReader  = (*Store)(nil)
	_ sink.Interfaces       = (*Store)(nil)
	_ query.InterfaceReader = (*Store)(nil)
)

// counts are the parts of [store.Stats] that grow.
type counts struct {
	commits, commitErrors, commitNanos      atomic.Uint64
	reopened                                atomic.Uint64
	appended, already, asked                atomic.Uint64
	sessions, sessionsAlready, sessionsLost atomic.Uint64
	seals, sealErrors, sealNanos            atomic.Uint64
	expired, questions                      atomic.Uint64
	expiredForRoom, expiredBytes            atomic.Uint64
	rollupsMade, rollupErrors, rollupNanos  atomic.Uint64
	rollupAnswers, approximate              atomic.Uint64
	hostsMade, hostsFailed, hostsBroken     atomic.Uint64
}

// Open opens the data folder, and makes it unless ReadOnly. What a crash left half done is put right: see recover. The error is
// [store.ErrLocked] where another process has the folder open.
func Open(ctx context.Context, cfg Config, deps Deps) (*Store, error) {
	cfg, err := cfg.Complete()
	if err != nil {
		return nil, err
	}
	if err := prepareFolder(cfg); err != nil {
		return nil, err
	}
	lock, err := store.TakeLock(cfg.Dir, cfg.ReadOnly)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, deps: deps.Complete(), reg: flow.NewRegistry(), fields: programs(), sessionFields: sessionPrograms(), lock: lock, kick: make(chan struct{}, 1), house: make(house, 1)}
	s.hotFiles.log, s.hotFiles.coded = s.deps.Log, map[store.Kind]map[string]coded{store.Flows: codedColumns(s.fields), store.Sessions: codedColumns(s.sessionFields)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store in %s: %w", cfg.Dir, err), s.release())
	}
	return s, nil
}

func prepareFolder(cfg store.Config) error {
	if cfg.ReadOnly {
		if _, err := os.Stat(filepath.Join(cfg.Dir, store.FileName)); err != nil {
			return fmt.Errorf("%s: %w", cfg.Dir, errors.Join(store.ErrNoStore, err))
		}
		return nil
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.db, err = openDatabase(ctx, s.cfg, &s.hotFiles); err != nil {
		return err
	}
	if s.readers, err = newReaders(s.db, s.cfg, s.distrust); err != nil {
		return err
	}
	c, err := s.connect()
	if err != nil {
		return err
	}
	if err := s.recover(ctx, c); err != nil {
		c.close()
		return err
	}
	if s.cfg.ReadOnly {
		defer c.close()
		return s.loadNames(ctx, c)
	}
	if s.writer, err = newWriter(ctx, s, c); err != nil {
		c.close()
		return err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.running.Go(func() { s.keepHouse(background) })
	return nil
}

// loadNames reads the names of hot files that no writer adds to.
func (s *Store) loadNames(ctx context.Context, c *conn) error {
	var n names
	if err := n.load(ctx, c); err != nil {
		return err
	}
	s.hotFiles.know(&n)
	return nil
}

func (s *Store) connect() (*conn, error) {
	s.dbLock.RLock()
	defer s.dbLock.RUnlock()
	return connect(s.db)
}

// Close commits what was appended and closes the folder. Questions that are being answered end first; sealing stops and is
// taken up at the next start.
func (s *Store) Close() error {
	s.close.Do(func() { s.closed = s.shut() })
	return s.closed
}

func (s *Store) shut() error {
	var err error
	if s.writer != nil {
		s.stop()
		s.running.Wait()
		s.house <- struct{}{} // until a SealAll has ended
		defer s.house.leave()
		err = s.writer.close()
	}
	return errors.Join(err, s.release())
}

// release gives back what open took, as far as it came.
func (s *Store) release() error {
	if s.readers != nil {
		s.readers.close()
	}
	duck.Close(&s.db)
	s.hotFiles.close()
	if err := s.lock.Release(); err != nil {
		return fmt.Errorf("unlock data folder: %w", err)
	}
	return nil
}
