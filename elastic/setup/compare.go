package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
)

// found is what the server has of an asset.
type found struct {
	there bool
	meta  assets.Meta
	at    string // query that a policy of ISM is replaced with
}

// compare returns the step that an asset needs.
func (s *Setup) compare(ctx context.Context, a *assets.Asset) (Step, error) {
	have, err := s.find(ctx, a)
	if err != nil {
		return Step{}, err
	}
	want, what := wanted(a), string(a.Type)+" "+a.Name
	action, why := judge(have, want, a.Custom)
	if s.cfg.Force && (action == Keep || action == Newer) && !a.Custom {
		action, why = Change, "--force"
	}
	if action == Keep || action == Newer {
		return Step{Action: action, What: what, Why: why}, nil
	}
	return put(action, what, why, a.Path+have.at, a.Body), nil
}

// judge says what must be done with what is there.
func judge(have found, want assets.Meta, custom bool) (action Action, why string) {
	switch {
	case !have.there:
		return Create, "missing"
	case custom:
		return Keep, ""
	case !have.meta.Ours():
		return Change, "not made by Weir"
	case have.meta.Version > want.Version:
		return Newer, fmt.Sprintf("it is of version %d, and this is %d", have.meta.Version, want.Version)
	case have.meta.Version < want.Version:
		return Upgrade, fmt.Sprintf("from version %d to %d", have.meta.Version, want.Version)
	case have.meta.Digest != want.Digest:
		return Change, "made with other options or other tables of fields"
	}
	return Keep, ""
}

// marked is where each type of asset has its mark.
type marked struct {
	Meta assets.Meta `json:"_meta"`
}

// wanted is the mark of an asset.
func wanted(a *assets.Asset) assets.Meta {
	body := a.Body
	if p, ok := body["policy"].(map[string]any); ok {
		body = p
	}
	if text, ok := body["description"].(string); ok {
		return assets.Described(text)
	}
	return assets.MetaOf(body["_meta"])
}

func (s *Setup) find(ctx context.Context, a *assets.Asset) (found, error) {
	var answer json.RawMessage
	err := s.client.JSON(ctx, http.MethodGet, a.Path, nil, &answer)
	if errors.Is(err, client.ErrNotFound) {
		return found{}, nil
	}
	if err != nil {
		return found{}, err
	}
	f, err := read(a, answer)
	if err != nil {
		return found{}, fmt.Errorf("setup: %s %s: %w", a.Type, a.Name, err)
	}
	return f, nil
}

// read finds the mark in the server's answer about an asset.
func read(a *assets.Asset, answer []byte) (found, error) {
	switch a.Type {
	case assets.Component:
		var r struct {
			List []struct {
				Template marked `json:"component_template"`
			} `json:"component_templates"`
		}
		if err := json.Unmarshal(answer, &r); err != nil || len(r.List) == 0 {
			return found{}, err
		}
		return found{there: true, meta: r.List[0].Template.Meta}, nil
	case assets.Template:
		var r struct {
			List []struct {
				Template marked `json:"index_template"`
			} `json:"index_templates"`
		}
		if err := json.Unmarshal(answer, &r); err != nil || len(r.List) == 0 {
			return found{}, err
		}
		return found{there: true, meta: r.List[0].Template.Meta}, nil
	}
	return readPolicy(a, answer)
}

func readPolicy(a *assets.Asset, answer []byte) (found, error) {
	if _, ism := a.Body["policy"].(map[string]any)["description"]; !ism {
		var r map[string]struct {
			Policy marked `json:"policy"`
		}
		if err := json.Unmarshal(answer, &r); err != nil {
			return found{}, err
		}
		p, ok := r[a.Name]
		return found{there: ok, meta: p.Policy.Meta}, nil
	}
	var r struct {
		Sequence int64 `json:"_seq_no"`
		Term     int64 `json:"_primary_term"`
		Policy   struct {
			Description string `json:"description"`
		} `json:"policy"`
	}
	if err := json.Unmarshal(answer, &r); err != nil {
		return found{}, err
	}
	// A policy is replaced only as the one that was seen.
	return found{there: true, meta: assets.Described(r.Policy.Description), at: fmt.Sprintf("?if_seq_no=%d&if_primary_term=%d", r.Sequence, r.Term)}, nil
}
