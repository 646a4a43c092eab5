// Package check looks for what keeps documents from a server of Elasticsearch or OpenSearch, and says it in a sentence each.
package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/setup"
)

// Level says how bad a finding is.
type Level string

// Levels.
const (
	OK    Level = "ok"
	Note  Level = "note"  // it works, and should be known
	Wrong Level = "wrong" // documents do not arrive, or will not
)

// Finding is what was looked at.
type Finding struct {
	Level Level
	Text  string // one sentence
}

// check is one run.
type check struct {
	client *client.Client
	setup  *setup.Setup
	cfg    setup.Config
	server client.Server
	list   []Finding
}

// Run looks at a server and returns what it found, in order of its looking. It does not change anything. What it may not look at is a note.
func Run(ctx context.Context, c *client.Client, cfg setup.Config) ([]Finding, error) {
	s, err := setup.New(c, cfg)
	if err != nil {
		return nil, err
	}
	k := &check{client: c, setup: s, cfg: cfg}
	if k.server, err = c.Probe(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		k.add(Wrong, "%s", err) // the rest would say the same
		return k.list, nil
	}
	k.add(OK, "%s answers%s", k.server, k.as())
	for _, look := range []func(context.Context) error{k.health, k.privileges, k.templates, k.disks, k.blocks} {
		switch err := look(ctx); {
		case ctx.Err() != nil:
			return nil, err
		case errors.Is(err, client.ErrForbidden):
			k.add(Note, "not looked at: %s", err)
		case err != nil:
			k.add(Wrong, "%s", err)
		}
	}
	return k.list, nil
}

// Failed tells whether anything is wrong.
func Failed(list []Finding) bool {
	for _, f := range list {
		if f.Level == Wrong {
			return true
		}
	}
	return false
}

func (k *check) add(l Level, format string, args ...any) {
	k.list = append(k.list, Finding{l, fmt.Sprintf(format, args...)})
}

func (k *check) as() string {
	if k.server.User == "" {
		return ", and knows no users"
	}
	return " to user " + k.server.User
}

// health looks for shards that are gone.
func (k *check) health(ctx context.Context) error {
	if k.server.Serverless {
		return nil
	}
	var h struct {
		Status     string `json:"status"`
		Unassigned int    `json:"unassigned_shards"`
		Nodes      int    `json:"number_of_nodes"`
	}
	if err := k.client.JSON(ctx, http.MethodGet, "/_cluster/health", nil, &h); err != nil {
		return err
	}
	if h.Status == "red" {
		k.add(Wrong, "the cluster is red: shards are missing (%d are not assigned), and documents for them are refused", h.Unassigned)
		return nil
	}
	k.add(OK, "the cluster is %s, nodes: %d", h.Status, h.Nodes)
	return nil
}

// templates compares with what setup would do.
func (k *check) templates(ctx context.Context) error {
	p, err := k.setup.Plan(ctx)
	if err != nil {
		return err
	}
	by := map[setup.Action][]*setup.Step{}
	for i := range p.Steps {
		by[p.Steps[i].Action] = append(by[p.Steps[i].Action], &p.Steps[i])
	}
	for _, say := range []struct {
		action setup.Action
		level  Level
		text   string
	}{
		{setup.Create, Wrong, "missing: %s; run weir-elastic setup"},
		{setup.Upgrade, Wrong, "of an older version: %s; run weir-elastic setup"},
		{setup.Newer, Wrong, "of a newer version: %s; use that version of weir-elastic"},
		{setup.Change, Wrong, "not as configured: %s; run weir-elastic setup"},
		{setup.RollOver, Wrong, "written with templates that have changed since: %s; run weir-elastic setup"},
	} {
		if steps := by[say.action]; len(steps) > 0 {
			k.add(say.level, say.text, names(steps))
		}
	}
	if p.Changes() == 0 && len(by[setup.Newer]) == 0 {
		k.add(OK, "templates, lifecycle (%s) and the index of alerts are as they must be", p.Lifecycle)
	}
	return nil
}

// most are the names that a sentence holds.
const most = 3

func names(steps []*setup.Step) string {
	var list []string
	for i, s := range steps {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(steps)-most))
			break
		}
		what := s.What
		if s.Action == setup.Upgrade || s.Action == setup.Newer {
			what += " (" + s.Why + ")"
		}
		list = append(list, what)
	}
	return strings.Join(list, ", ")
}
