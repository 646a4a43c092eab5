package sink

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/sink"
)

// Templates returns a check that a server has the index templates of all kinds of documents. Without them it would make data streams with
// mappings that it guesses, which last. Who may not read templates is taken to have them.
func Templates(server Server) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "/_index_template/weir-*", http.NoBody)
		if err != nil {
			return fmt.Errorf("elastic: %w", err)
		}
		resp, err := server.Perform(req)
		if err != nil {
			return server.Explain(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		switch {
		case err != nil:
			return server.Explain(err)
		case resp.StatusCode == http.StatusForbidden:
			return nil
		case resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode != http.StatusNotFound:
			return server.Answer(resp.StatusCode, text)
		}
		return missing(text)
	}
}

// missing names the first template that an answer lacks.
func missing(text []byte) error {
	var answer struct {
		Templates []struct {
			Name string `json:"name"`
		} `json:"index_templates"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("elastic: the answer does not list templates: %w", err)
	}
	have := map[string]bool{}
	for _, t := range answer.Templates {
		have[t.Name] = true
	}
	for _, kind := range document.Kinds() {
		if !have[assets.Name(kind)] {
			return fmt.Errorf("elastic: the server has no index template %s: run weir-elastic setup", assets.Name(kind))
		}
	}
	return nil
}

// gate lets the senders of a lane through when the server is ready.
type gate struct {
	check  func(ctx context.Context) error // nil: it is ready
	outage *sink.Outage
	most   time.Duration // between attempts

	mu   sync.Mutex // held while it is checked
	open bool
}

// pass waits until the server is ready; false is that the context ended before.
func (g *gate) pass(ctx context.Context) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	backoff := sink.Backoff{First: firstWait, Most: g.most}
	for !g.open && g.check != nil {
		err := g.check(ctx)
		if g.open = err == nil; g.open {
			g.outage.Worked()
			break
		}
		if ctx.Err() != nil {
			return false
		}
		g.outage.Failed(err)
		if !backoff.Wait(ctx, 0) {
			return false
		}
	}
	return true
}
