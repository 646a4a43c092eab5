package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// Flows says what goes to the server of flows; alerts, interfaces and exporters always do.
type Flows = sink.Flows

// Choices of flows.
const (
	FlowsAll        = sink.FlowsAll
	FlowsSessions   = sink.FlowsSessions
	FlowsAggregated = sink.FlowsAggregated
	FlowsNone       = sink.FlowsNone
)

// Config says what is shipped, and how. [DefaultConfig] is a start.
type Config struct {
	Dir       string // folder of the spools, its own
	Namespace string // end of the names of data streams
	Tenant    string // organization.id of all documents; "": absent
	Flows     Flows
	Spool     int64         // bytes that may wait on disk for the server, alerts aside, compressed
	Piece     int           // bytes of documents that are sent together; at most an eighth of Spool
	Age       time.Duration // after it a smaller piece is sent
	Senders   int           // pieces on their way at a time
	Timeout   time.Duration // of a request
	MostWait  time.Duration // between attempts, which begin with a quarter of a second
	Plain     bool          // what is sent is not compressed, only what waits is
	// Settle says that the sink is the store of the records: it settles their accounts when they are on disk, and keeps the marks of their
	// streams. Without, another store does, and the sink drops rather than keep it waiting.
	Settle bool
	// EventTime says that time passes with the records, as in a replay: minutes are over by it, and the sink waits rather than drops.
	EventTime bool
	// KeepAlerts is how long alerts are kept that have ended: the sink deletes older ones, see [Sink.ExpireAlerts]. 0: until somebody deletes them.
	KeepAlerts time.Duration
	Run        uint64 // names the process, or the captures that are replayed: sums of one run add to those of another
}

// DefaultConfig returns a configuration without a folder.
func DefaultConfig() Config {
	return Config{Namespace: "default", Flows: FlowsAll, Spool: 1 << 30, Piece: 4 << 20, Age: time.Second, Senders: 2, Timeout: time.Minute, MostWait: 30 * time.Second}
}

// Server is what takes documents; a *client.Client that does not compress is one: see [Connect].
type Server interface {
	// Perform sends a request whose URL has only a path and a query.
	Perform(req *http.Request) (*http.Response, error)
	// Explain says in words why there was no answer.
	Explain(err error) error
	// Answer says in words what an answer that is no success means.
	Answer(status int, body []byte) error
}

// Deps is what a sink is given from outside.
type Deps struct {
	Server    Server
	Log       *slog.Logger
	Now       func() time.Time                // nil: the wall clock
	Exporters func() []query.Exporter         // how exporters do, asked each minute; nil: nothing is told of them
	Ready     func(ctx context.Context) error // whether documents may be sent, asked until it is so; nil: they may. See [Templates]
	Before    func()                          // called before documents go to disk: what must be durable before them
}

// Least sizes.
const (
	minPiece = 16 << 10
	minSpool = 1 << 20
)

// piecesInSpool is how many pieces, as they are before compression, a spool must hold: those on their way are not dropped, and would else fill it.
const piecesInSpool = 8

func (c Config) check() (Config, error) {
	d := DefaultConfig()
	c.Namespace, c.Flows = cmp.Or(c.Namespace, d.Namespace), cmp.Or(c.Flows, d.Flows)
	c.Spool, c.Piece, c.Age = cmp.Or(c.Spool, d.Spool), cmp.Or(c.Piece, d.Piece), cmp.Or(c.Age, d.Age)
	c.Senders, c.Timeout, c.MostWait = cmp.Or(c.Senders, d.Senders), cmp.Or(c.Timeout, d.Timeout), cmp.Or(c.MostWait, d.MostWait)
	c.Piece = min(c.Piece, int(min(c.Spool, 1<<30)/piecesInSpool))
	if !c.Flows.Valid() {
		return c, fmt.Errorf("elastic: flows: %q is none of all, sessions, aggregated and none", c.Flows)
	}
	switch {
	case c.Dir == "":
		return c, errors.New("elastic: no folder for what waits")
	case c.Namespace != strings.ToLower(c.Namespace) || strings.ContainsAny(c.Namespace, `-*\/?"<>|, #:`) || len(c.Namespace) > 100:
		return c, fmt.Errorf("elastic: namespace: %q must be lower case, without any of -*\\/?\"<>|,#: and spaces", c.Namespace)
	case c.Piece < minPiece || c.Spool < minSpool || c.Senders < 1 || c.Age < 0 || c.Timeout < 0:
		return c, errors.New("elastic: a size is too small")
	}
	return c, nil
}

// FromConfig returns what a configuration describes, with a folder for what waits.
func FromConfig(e config.Elastic, dir string) Config {
	c := DefaultConfig()
	c.Dir, c.Namespace, c.Tenant, c.Flows, c.Spool, c.Timeout = dir, e.Namespace, e.Tenant, Flows(e.Flows), e.Spool, e.Timeout
	c.Plain, c.KeepAlerts = !e.Gzip, e.Setup.Retention.Alert
	return c
}

// Connect returns the client of a sink: one that leaves compressing to the sink.
func Connect(e config.Elastic) (*client.Client, error) {
	c := client.FromConfig(e)
	c.Gzip = false
	return client.New(c) //nolint:wrapcheck // it says what is wrong
}
