package cli

import (
	"bufio"
	"context"

	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// defaultSessions is how many sessions are listed where no limit is given: more than anybody reads.
const defaultSessions = 1000

type sessionFlags struct {
	source
	span
	format
	limit int
}

func newSessions(std command.Streams) *cobra.Command {
	var f sessionFlags
	cmd := &cobra.Command{
		Use:   "sessions [FILTER]",
		Short: "List sessions: who opened what to whom, and what each side sent",
		Long: `Lists sessions by (start, id). FILTER is that of docs/filter.md, over the fields of sessions (docs/fields.md): client.* is the side that
opened the session, server.* the other. --from and --to go by the last packet; to go by the first, compare session.start. event.duration
is in nanoseconds. States are explained in docs/sessions.md; "open" marks sessions that may go on.`,
		Example: `  weir sessions 'related.ip : 203.0.113.7' --from now-1h
  weir sessions 'client.ip : 10.1.2.3 and network.direction : outbound and network.bytes > 10000000'
  weir sessions 'server.ip : 10.1.2.3 and network.transport : tcp and weir.server.tcp.flags : SYN and weir.server.tcp.flags : ACK' --from 2026-03-02T17:30:00Z --to 2026-03-02T17:45:00Z
  weir sessions 'weir.tcp.state : (S0 or REJ) and server.port : 22' --limit 20 --format json
  weir sessions 'event.duration > 3600000000000 and network.direction : outbound'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd.Context(), strings.Join(args, " "), std)
		},
	}
	f.source.add(cmd)
	f.span.add(cmd)
	f.format.add(cmd)
	cmd.Flags().IntVar(&f.limit, "limit", defaultSessions, "at most this many")
	return cmd
}

func (f *sessionFlags) run(ctx context.Context, filter string, std command.Streams) error {
	q := query.Question{Filter: filter, Limit: f.limit}
	if err := checkSessions(q); err != nil {
		return err
	}
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	if q.From, q.To, err = f.times(ctx, engine); err != nil {
		return err
	}
	return listSessions(ctx, engine, q, f.format, std)
}

// checkSessions checks what can be checked before anything is opened, so that wrong use is exit code 2.
func checkSessions(q query.Question) error {
	if q.Limit < 1 {
		return command.Usagef("--limit %d is not between 1 and %d", q.Limit, query.MaxLimit)
	}
	if _, err := q.PrepareSessions(flow.NewRegistry()); err != nil {
		return command.Usage(err)
	}
	return nil
}

// listSessions prints the sessions of a question, and says on stderr where there are more.
func listSessions(ctx context.Context, a answers, q query.Question, as format, std command.Streams) error {
	b, more, err := askSessions(ctx, a, q)
	if err != nil {
		return err
	}
	err = buffered(std.Out, func(w *bufio.Writer) error {
		switch {
		case as == "json":
			return listJSON(w, len(b.Sessions), func(dst []byte, i int) []byte { return b.AppendJSON(dst, &b.Sessions[i]) })
		case len(b.Sessions) == 0:
			_, err := fmt.Fprintln(w, "no sessions")
			return err
		}
		return sessionTable(w, b)
	})
	if err == nil && more {
		fmt.Fprintf(std.Err, "%d shown, more exist: use --limit, or a narrower filter or time\n", len(b.Sessions))
	}
	return err
}

// askSessions asks for one session more than wanted, to learn whether there are more.
func askSessions(ctx context.Context, reader query.SessionReader, q query.Question) (b *flow.SessionBatch, more bool, err error) {
	limit := q.Limit
	if q.Limit < query.MaxLimit {
		q.Limit++
		if b, err = reader.Sessions(ctx, q); err != nil {
			return nil, false, err
		}
		more = len(b.Sessions) > limit
		b.Sessions = b.Sessions[:min(limit, len(b.Sessions))]
		return b, more, nil
	}
	if b, err = reader.Sessions(ctx, q); err != nil || len(b.Sessions) < limit {
		return b, false, err
	}
	q.Offset, q.Limit = limit, 1
	next, err := reader.Sessions(ctx, q)
	return b, err == nil && len(next.Sessions) > 0, err
}

// listJSON writes n objects as a list, one a line.
func listJSON(w io.Writer, n int, appendObject func(dst []byte, i int) []byte) error {
	line := []byte("[")
	for i := range n {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendObject(append(line, '\n'), i)
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("write list: %w", err)
		}
		line = line[:0]
	}
	_, err := w.Write(append(line, "\n]\n"...))
	return err
}
