// Package setup brings a server of Elasticsearch or OpenSearch to what Weir's documents need: it compares what is there with elastic/assets,
// says what it would do, and does it. Done twice, the second time changes nothing.
package setup

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// Config says what is set up.
type Config struct {
	assets.Options

	Namespace string // whose index of alerts is made; templates are for all namespaces
	// Force writes everything, whatever is there: over what was changed by hand, and over what a newer version made.
	Force bool
}

// Setup compares and installs.
type Setup struct {
	client *client.Client
	cfg    Config
}

// New returns a Setup that has not asked the server yet.
func New(c *client.Client, cfg Config) (*Setup, error) {
	if c == nil || cfg.Namespace == "" {
		return nil, errors.New("setup: no client or no namespace")
	}
	return &Setup{client: c, cfg: cfg}, nil
}

// Action is what is done with something.
type Action string

// Actions.
const (
	Keep     Action = "keep"      // it is as it must be
	Create   Action = "create"    // it is missing
	Upgrade  Action = "upgrade"   // an older version made it
	Change   Action = "change"    // it was made with other options or other tables of fields
	RollOver Action = "roll over" // a data stream writes to an index of other templates
	Newer    Action = "leave"     // a newer version made it
)

// Step is one thing that is compared.
type Step struct {
	Action Action
	What   string // like "index template weir-flow"
	Why    string // "" for Keep
	Method string // of the request that does it; "" where nothing is done
	Path   string
	Body   any // nil: none
}

// Plan is what a server needs.
type Plan struct {
	Server    client.Server
	Lifecycle assets.Lifecycle
	Steps     []Step
	Notes     []string // what users should know besides
}

// Changes counts the steps that do something.
func (p *Plan) Changes() (n int) {
	for i := range p.Steps {
		if p.Steps[i].Method != "" {
			n++
		}
	}
	return n
}

// Plan asks the server and returns what it needs. Errors are [*client.Error], or say which option does not fit the server.
func (s *Setup) Plan(ctx context.Context) (*Plan, error) {
	server, err := s.client.Probe(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{Server: server, Lifecycle: assets.Chosen(server, s.cfg.Options)}
	if !server.DataStreams {
		return nil, fmt.Errorf("setup: %s has no data streams", server)
	}
	list, err := assets.For(server, s.cfg.Options)
	if err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	changed := map[string]bool{}
	for i := range list {
		step, err := s.compare(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		p.Steps = append(p.Steps, step)
		changed[list[i].Name] = step.Method != ""
	}
	for _, kind := range document.Kinds() {
		steps, err := s.indices(ctx, server, kind, changed[assets.Name(kind)+"@settings"])
		if err != nil {
			return nil, err
		}
		p.Steps = append(p.Steps, steps...)
	}
	p.notes()
	return p, nil
}

func (p *Plan) notes() {
	if p.Lifecycle == assets.None {
		p.Notes = append(p.Notes, "no lifecycle: nothing deletes old documents, but those of alerts")
	}
	if !p.Server.Security {
		p.Notes = append(p.Notes, "the server knows no users: whoever reaches it may read and delete everything")
	}
	for i := range p.Steps {
		if p.Steps[i].Action == Newer {
			p.Notes = append(p.Notes, "a newer weir-elastic has set this server up: use that, or --force to go back")
			return
		}
	}
}

// Apply does the steps in their order, and calls did after each that did something; did may be nil. It stops at the first error, and may
// be called again with a new plan.
func (s *Setup) Apply(ctx context.Context, p *Plan, did func(*Step)) error {
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Method == "" {
			continue
		}
		if err := s.client.JSON(ctx, step.Method, step.Path, step.Body, nil); err != nil {
			return fmt.Errorf("%s: %s: %w", step.Action, step.What, err)
		}
		if did != nil {
			did(step)
		}
	}
	return nil
}

// step makes a step that puts a body.
func put(a Action, what, why, path string, body any) Step {
	return Step{Action: a, What: what, Why: why, Method: http.MethodPut, Path: path, Body: body}
}
