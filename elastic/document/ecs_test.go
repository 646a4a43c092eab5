package document_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/filter/filtertest"
)

// ecsField is a field as ECS publishes it.
type ecsField struct {
	Type      string   `json:"type"`
	Normalize []string `json:"normalize"`
	Allowed   []struct {
		Name     string   `json:"name"`
		Expected []string `json:"expected_event_types"`
	} `json:"allowed_values"`
}

// ecsFields reads the published definitions; without them the test is skipped, or fails under WEIR_CI=1.
func ecsFields(t *testing.T) map[string]ecsField {
	t.Helper()
	dir, err := filepath.Abs("../../.tools/ecs/node_modules/@elastic/ecs")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(dir)
	if node, err := exec.LookPath("node"); err != nil || missing != nil {
		if os.Getenv("WEIR_CI") == "1" {
			t.Fatalf("the definitions of ECS, or node, are missing (%q): run scripts/setup test", node)
		}
		t.Skip("SKIPPED, not tested: the definitions of ECS, or node, are missing (run scripts/setup test)")
	}
	text, err := exec.Command("node", "-e", "process.stdout.write(JSON.stringify(require(process.argv[1]).EcsFlat))", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	var list map[string]ecsField
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 500 {
		t.Fatalf("%d fields", len(list))
	}
	return list
}

// ours are the types that stand for those of ECS: where a server may lack one, or times need nanoseconds.
var ours = map[string]string{"match_only_text": "text", "wildcard": "keyword", "float": "double", "date": "date_nanos", "constant_keyword": "keyword"}

// TestFieldsAreThoseOfECS: what is said to be of ECS is there, with its type and number of values, and what is said to be our own is not.
func TestFieldsAreThoseOfECS(t *testing.T) {
	list := ecsFields(t)
	for _, kind := range document.Kinds() {
		for _, f := range document.Fields(kind) {
			e, known := list[f.Name]
			if known != f.ECS {
				t.Errorf("%s: %s is of ECS: %v, here %v", kind, f.Name, known, f.ECS)
			}
			if !known {
				continue
			}
			want := e.Type
			if o, ok := ours[want]; ok {
				want = o
			}
			if f.Type != want {
				t.Errorf("%s: %s is %s, in ECS %s", kind, f.Name, f.Type, e.Type)
			}
			// A server takes one value for a list of one.
			if array := slices.Contains(e.Normalize, "array"); array != f.List && (f.Name != "observer.ip" || f.List) {
				t.Errorf("%s: %s is a list: %v, in ECS %v", kind, f.Name, f.List, array)
			}
			if f.Always != "" && len(e.Allowed) > 0 && !allowed(e, f.Always) {
				t.Errorf("%s: %s is %q, which ECS does not allow", kind, f.Name, f.Always)
			}
		}
	}
}

func allowed(e ecsField, value string) bool {
	for _, a := range e.Allowed {
		if a.Name == value {
			return true
		}
	}
	return false
}

// TestEventsAreThoseOfECS: categories and types of documents go together as ECS expects.
func TestEventsAreThoseOfECS(t *testing.T) {
	list := ecsFields(t)
	rng, e := rand.New(rand.NewPCG(1, 2)), document.NewEncoder(document.Config{})
	b, told := filtertest.RandomBatch(rng, 500), filtertest.LastStates(filtertest.RandomSessions(rng, 100))
	var texts [][]byte
	for i := range b.Records {
		texts = append(texts, e.AppendRecord(nil, b, &b.Records[i]))
	}
	for i := range told.Sessions {
		texts = append(texts, e.AppendSession(nil, told, &told.Sessions[i]))
	}
	seen := map[string]bool{}
	for _, text := range texts {
		var doc struct {
			Kind       string   `json:"event.kind"`
			Categories []string `json:"event.category"`
			Types      []string `json:"event.type"`
		}
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		seen[fmt.Sprint(doc.Kind, doc.Categories, doc.Types)] = true
		for _, c := range list["event.category"].Allowed {
			for _, typ := range doc.Types {
				if slices.Contains(doc.Categories, c.Name) && !slices.Contains(c.Expected, typ) {
					t.Errorf("ECS does not expect type %s of category %s", typ, c.Name)
				}
			}
		}
		for _, typ := range doc.Types {
			if !allowed(list["event.type"], typ) {
				t.Errorf("ECS does not allow type %s", typ)
			}
		}
	}
	t.Log(slices.Sorted(maps.Keys(seen)))
}
