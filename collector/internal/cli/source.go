package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/losses"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
)

// socketName is the daemon's socket in its data folder.
const socketName = "weir.sock"

// source says where answers come from: a data folder (through the daemon's socket while one runs) or a collector's URL.
type source struct {
	data string
	remote
}

func (s *source) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.data, "data", "weir-data", "data folder; while `weir run` uses it, its socket is asked")
	s.remote.add(cmd)
}

// answers is all that can be asked.
type answers interface {
	query.Engine
	query.SessionReader
	query.ValuesReader
	query.GraphReader
	query.AlertReader
	query.ExporterReader
	query.InterfaceReader
}

// open returns what answers, and how to close it.
func (s *source) open(ctx context.Context) (answers, io.Closer, error) {
	if s.isElastic() {
		c, err := s.elastic(ctx)
		return c, c, err
	}
	if c, err := s.collector(ctx); err != nil || c != nil {
		return c, nopCloser{}, err
	}
	if err := s.checkFolder(); err != nil {
		return nil, nil, err
	}
	lossIn, err := losses.Recall(filepath.Join(s.data, losses.FileName))
	if err != nil {
		return nil, nil, err
	}
	st, err := duckdb.Open(ctx, duckdb.Config{Dir: s.data, ReadOnly: true}, duckdb.Deps{LossIn: lossIn})
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", s.data, err)
	}
	return st, st, nil
}

// collector returns a client of the collector that --url names, or that runs on the folder; nil where none does.
func (s *source) collector(ctx context.Context) (*query.Client, error) {
	if s.url != "" {
		return s.client()
	}
	c, _ := dialSocket(ctx, filepath.Join(s.data, socketName))
	return c, nil
}

// checkFolder says what to do where the folder holds no store.
func (s *source) checkFolder() error {
	if _, err := os.Stat(filepath.Join(s.data, duckdb.FileName)); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no data of weir: use --data DIR with the folder of `weir run` or `weir replay`, or --url", s.data)
	}
	return nil
}

// dialSocket returns a client of the daemon behind the socket, if one answers.
func dialSocket(ctx context.Context, socket string) (*query.Client, bool) {
	if _, err := os.Stat(socket); err != nil {
		return nil, false
	}
	c, err := query.NewClient(query.ClientConfig{Socket: socket})
	if err != nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := c.Exporters(ctx); err != nil {
		return nil, false
	}
	return c, true
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }

// span is the --from and --to flags.
type span struct {
	from, to string
	minutes  bool // whether now is also the newest minute of interfaces
}

func (s *span) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.from, "from", "", "from this time on: RFC 3339 or now-1h; now is the newest record of a stopped store")
	cmd.Flags().StringVar(&s.to, "to", "", "until before this time")
}

// times resolves the flags; zero times mean no bound.
func (s *span) times(ctx context.Context, a answers) (from, to time.Time, err error) {
	now := now(ctx, a, s.minutes)
	if from, err = parseTime("--from", s.from, now); err != nil {
		return from, to, err
	}
	to, err = parseTime("--to", s.to, now)
	if err == nil && !from.IsZero() && !to.IsZero() && !from.Before(to) {
		err = command.Usagef("--from %s is not before --to %s", s.from, s.to)
	}
	return from, to, err
}

// now is the time that relative times are relative to: of a stopped store that of its newest record or, with minutes, the end of its
// newest minute of interfaces where that is later.
func now(ctx context.Context, a answers, minutes bool) (now time.Time) {
	if n, ok := a.(interface {
		Newest(context.Context) (time.Time, error)
	}); ok {
		if newest, err := n.Newest(ctx); err == nil {
			now = newest
		}
	}
	if n, ok := a.(interface {
		NewestMinute(context.Context) (time.Time, error)
	}); ok && minutes {
		if newest, err := n.NewestMinute(ctx); err == nil && newest.After(now) {
			now = newest
		}
	}
	if now.IsZero() {
		return time.Now()
	}
	return now
}

func parseTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := query.ParseTime(text, now)
	if err != nil {
		return t, command.Usagef("%s: %w", flag, err)
	}
	return t, nil
}
