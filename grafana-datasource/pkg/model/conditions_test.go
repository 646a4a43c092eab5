package model_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// TestConditionsMeanTheSame: what a builder shows of a filter becomes the same filter again, for random filters; those that a builder cannot
// show are left to the text.
func TestConditionsMeanTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	reg := flow.NewRegistry()
	shown := 0
	for range 4000 {
		text := filtertest.Random(rng, reg).String()
		got := model.ParseFilter(text, false)
		if !got.OK {
			t.Fatalf("%s: %v", text, got.Error)
		}
		if got.Conditions == nil {
			continue
		}
		shown++
		built, err := model.Build(got.Conditions, false)
		if err != nil {
			t.Fatalf("%s\nas %+v: %v", text, got.Conditions, err)
		}
		if again := model.ParseFilter(built, false); again.Canonical != got.Canonical {
			t.Fatalf("%s\nas %+v\nis %s", got.Canonical, got.Conditions, again.Canonical)
		}
	}
	if shown < 500 {
		t.Errorf("a builder shows only %d of 4000", shown)
	}
}

func TestParseFilter(t *testing.T) {
	if got := model.ParseFilter("source.ip : 10.0.0.1 and", false); got.OK || got.Error.Column != 25 {
		t.Errorf("%+v", got.Error)
	}
	if got := model.ParseFilter("", false); !got.OK || got.Conditions == nil || len(got.Conditions) != 0 {
		t.Errorf("the empty filter is a builder without conditions: %+v", got)
	}
	if got := model.ParseFilter("client.ip : 10.0.0.1", true); !got.OK || got.Conditions[0].Key != "client.ip" {
		t.Errorf("%+v", got)
	}
}

func TestFields(t *testing.T) {
	list := model.Fields(strings.ToUpper)
	for _, f := range list {
		if f.Doc == "" || f.Type == "" || len(f.Operators) < 2 || !f.Record && !f.Session || f.Title != strings.ToUpper(f.Name) {
			t.Errorf("%+v", f)
		}
	}
	if len(list) < 60 {
		t.Errorf("%d fields", len(list))
	}
}
