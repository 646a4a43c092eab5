package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/weirflow/weir/elastic/client"
)

// Connection is an engine with the connections that it asks over.
type Connection struct {
	*Engine
	client *client.Client
}

// Connect asks the cluster what it is, and returns an engine over the data streams of a namespace there; the namespace may be a pattern, such as
// "*". Errors are *[client.Error] where the cluster cannot be asked, and say what is wrong in a sentence.
func Connect(ctx context.Context, to client.Config, namespace string) (*Connection, error) {
	c, err := client.New(to)
	if err != nil {
		return nil, err
	}
	server, err := c.Probe(ctx)
	if err != nil {
		c.Stop()
		return nil, err
	}
	cfg := ConfigOf(namespace)
	cfg.OpenSearch = server.Product == client.OpenSearch
	e, err := New(cfg, Deps{Client: c})
	if err == nil {
		err = e.some(ctx, namespace)
	}
	if err != nil {
		c.Stop()
		return nil, err
	}
	return &Connection{Engine: e, client: c}, nil
}

// IsOpenSearch asks the cluster whether it is OpenSearch, for [Config]: those that have connections of their own need not use [Connect].
func IsOpenSearch(ctx context.Context, to Performer) (bool, error) {
	var root struct {
		Version struct {
			Distribution string `json:"distribution"`
		} `json:"version"`
	}
	e := Engine{to: to}
	if err := e.send(ctx, http.MethodGet, "/", nil, &root); err != nil {
		return false, fmt.Errorf("ask what the server is: %w", err)
	}
	return root.Version.Distribution == "opensearch", nil
}

// ErrNothing is what [Connect] says of a namespace without anything of Weir: rather than nothing, its name may be wrong.
var ErrNothing = errors.New("nothing of Weir is there")

// some tells whether there is anything to ask.
func (e *Engine) some(ctx context.Context, namespace string) error {
	for _, indices := range []string{e.cfg.Flows, e.cfg.Sessions, e.cfg.Alerts, e.cfg.Exporters, e.cfg.Interfaces} {
		if indices == "" {
			continue
		}
		r, err := e.open(ctx, indices)
		if err != nil {
			return err
		}
		r.close()
		if !r.none {
			return nil
		}
	}
	return fmt.Errorf("namespace %s: %w: no %s, for example, or none that may be read", namespace, ErrNothing, e.cfg.Flows)
}

// Close closes the connections.
func (c *Connection) Close() error {
	c.client.Stop()
	return nil
}
