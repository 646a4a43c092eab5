package document_test

import (
	"testing"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// TestEveryFieldOfTheRegistryHasAPlace: mapped, with the name and type that filters count on, or left out with a reason.
func TestEveryFieldOfTheRegistryHasAPlace(t *testing.T) {
	for _, kind := range []document.Kind{document.Flow, document.Session} {
		mapped, out := map[string]document.Field{}, map[string]string{}
		for _, f := range document.Fields(kind) {
			mapped[f.Name] = f
		}
		for _, o := range document.LeftOut(kind) {
			out[o.Name] = o.Reason
		}
		for _, f := range flow.NewRegistry().Fields() {
			m, isMapped := mapped[f.Name]
			reason, isOut := out[f.Name]
			switch {
			case isMapped == isOut:
				t.Errorf("%s: %s is mapped: %v, and left out: %v", kind, f.Name, isMapped, isOut)
			case isOut && reason == "":
				t.Errorf("%s: %s is left out without a reason", kind, f.Name)
			case isMapped && filter.ElasticType(f) != "" && m.Type != filter.ElasticType(f):
				t.Errorf("%s: %s is %s, filters ask for %s", kind, f.Name, m.Type, filter.ElasticType(f))
			}
		}
		for _, f := range flow.NewRegistry().Fields() {
			has := f.Get != nil
			if kind == document.Session {
				has = f.OfSession != nil
			}
			if _, isMapped := mapped[f.Name]; has && !isMapped && f.Name != "related.port" {
				t.Errorf("%s: %s can be asked for and is in no document", kind, f.Name)
			}
		}
	}
}

// TestFieldsAgree: a name has one type and means one thing in all kinds, no name is that of an object and of a value, and own names are below
// weir.
func TestFieldsAgree(t *testing.T) {
	types := map[string]string{}
	for _, kind := range document.Kinds() {
		seen := map[string]bool{}
		for _, f := range document.Fields(kind) {
			if seen[f.Name] {
				t.Errorf("%s: %s is listed twice", kind, f.Name)
			}
			seen[f.Name] = true
			if was, known := types[f.Name]; known && was != f.Type && f.Name != "weir.clock.offset_ms" {
				t.Errorf("%s is %s and %s", f.Name, was, f.Type)
			}
			types[f.Name] = f.Type
			if f.Doc == "" || f.Type == "" {
				t.Errorf("%s: %s has no type or no words", kind, f.Name)
			}
			if own := len(f.Name) > 5 && f.Name[:5] == "weir."; own == f.ECS && f.Name != "session.start" && f.Name != "related.port" {
				t.Errorf("%s: %s is of ECS: %v", kind, f.Name, f.ECS)
			}
		}
	}
	for name := range types {
		for i, c := range name {
			if _, both := types[name[:i]]; c == '.' && both {
				t.Errorf("%s is a value and has %s below it", name[:i], name)
			}
		}
	}
}
