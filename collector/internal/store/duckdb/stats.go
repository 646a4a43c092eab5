//go:build cgo

package duckdb

import (
	"os"
	"path/filepath"

	"github.com/weirflow/weir/collector/internal/store"
)

// Stats returns counters and sizes.
func (s *Store) Stats() Stats {
	c := &s.counts
	st := Stats{
		Commits: c.commits.Load(), CommitErrors: c.commitErrors.Load(), CommitNanos: c.commitNanos.Load(), Reopened: c.reopened.Load(),
		Appended: c.appended.Load(), AlreadyStored: c.already.Load(), AskedBlocks: c.asked.Load(),
		Seals: c.seals.Load(), SealErrors: c.sealErrors.Load(), SealNanos: c.sealNanos.Load(),
		Sessions: c.sessions.Load(), SessionsLost: c.sessionsLost.Load(), SessionsStored: c.sessionsAlready.Load(), Expired: c.expired.Load(), Questions: c.questions.Load(),
		ExpiredForRoom: c.expiredForRoom.Load(), ExpiredBytes: c.expiredBytes.Load(),
		HostsMade: c.hostsMade.Load(), HostsFailed: c.hostsFailed.Load(), HostsBroken: c.hostsBroken.Load(),
	}
	st.LostRows = s.hotFiles.count.Load()
	st.RollupsMade, st.RollupErrors, st.RollupNanos = c.rollupsMade.Load(), c.rollupErrors.Load(), c.rollupNanos.Load()
	st.RollupAnswers, st.Approximate = c.rollupAnswers.Load(), c.approximate.Load()
	st.HotSumBytes, st.HotSumsRefused = s.hotFiles.sums.bytes.Load(), s.hotFiles.sums.refused.Load()
	s.hosts.count(&st)
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	s.files.countRollups(&st)
	st.HotFiles, st.SealedFiles, st.Missing = len(s.files.hot), len(s.files.sealed), len(s.files.missing)+len(s.files.hotMissing)
	for _, h := range s.files.hot {
		st.DatabaseBytes += h.file.Size()
		if h.part.Kind == store.Sessions {
			st.SessionRows += h.rows.Load()
			continue
		}
		st.HotRows += h.rows.Load()
	}
	for _, f := range s.files.sealed {
		st.SealedBytes += f.Bytes
		if f.Part.Kind == store.Sessions {
			st.SessionRows += f.Rows
			st.SealedSessions += f.Rows
			continue
		}
		st.SealedRows += f.Rows
	}
	for _, name := range []string{store.FileName, store.FileName + ".wal"} {
		if info, err := os.Stat(filepath.Join(s.cfg.Dir, name)); err == nil {
			st.DatabaseBytes += info.Size()
		}
	}
	return st
}
