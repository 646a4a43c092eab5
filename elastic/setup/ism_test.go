package setup_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// fake answers about policies of ISM as its documentation says, and keeps all else that is put as the real servers do: ISM is not published as
// a jar.
type fake struct {
	sync.Mutex
	kept     map[string]json.RawMessage
	sequence map[string]int
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.Lock()
	defer f.Unlock()
	name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	body, have := f.kept[r.URL.Path]
	switch {
	case r.URL.Path == "/":
		fmt.Fprint(w, `{"cluster_name":"c","version":{"distribution":"opensearch","number":"2.19.1"}}`)
	case strings.HasPrefix(r.URL.Path, "/_plugins/_security"):
		w.WriteHeader(http.StatusBadRequest)
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/_data_stream"):
		fmt.Fprint(w, `{"data_streams":[]}`)
	case r.Method == http.MethodPut:
		f.put(w, r)
	case !have && strings.HasSuffix(r.URL.Path, "/_alias"):
		fmt.Fprintf(w, `{"weir-alerts-default-000001":{}}`)
	case strings.HasSuffix(r.URL.Path, "/_mapping"):
		mark, _ := json.Marshal(assets.Mappings(client.Server{Product: client.OpenSearch, Version: "2.19.1", DataStreams: true, ISM: true}, config().Options, document.Alert))
		fmt.Fprintf(w, `{"weir-alerts-default-000001":{"mappings":%s}}`, mark)
	case !have:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error":{"reason":"Policy not found"}}`)
	case strings.HasPrefix(r.URL.Path, "/_plugins/_ism"):
		var p struct{ Policy json.RawMessage }
		_ = json.Unmarshal(body, &p) // it is what was put
		fmt.Fprintf(w, `{"_id":%q,"_version":1,"_primary_term":1,"_seq_no":%d,"policy":%s}`, name, f.sequence[r.URL.Path], p.Policy)
	case strings.HasPrefix(r.URL.Path, "/_component_template"):
		fmt.Fprintf(w, `{"component_templates":[{"name":%q,"component_template":%s}]}`, name, body)
	default:
		fmt.Fprintf(w, `{"index_templates":[{"name":%q,"index_template":%s}]}`, name, body)
	}
}

// put refuses to replace a policy without the sequence number that it has.
func (f *fake) put(w http.ResponseWriter, r *http.Request) {
	var body json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, have := f.kept[r.URL.Path]
	if want := fmt.Sprintf("if_seq_no=%d&if_primary_term=1", f.sequence[r.URL.Path]); have && strings.HasPrefix(r.URL.Path, "/_plugins/_ism") && r.URL.RawQuery != want {
		w.WriteHeader(http.StatusConflict)
		return
	}
	f.kept[r.URL.Path] = body
	f.sequence[r.URL.Path] += 3
	fmt.Fprint(w, `{}`)
}

func TestISM(t *testing.T) {
	f := &fake{kept: map[string]json.RawMessage{}, sequence: map[string]int{}}
	s := httptest.NewServer(f)
	defer s.Close()
	c, err := client.New(client.Config{Nodes: []string{s.URL}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	p, did := run(t, c, config())
	if p.Lifecycle != assets.ISM || !slices.Contains(did, "create policy weir-flow") || slices.Contains(did, "create policy weir-alert") {
		t.Errorf("%s: %q in %q", p.Lifecycle, did, slices.Sorted(maps.Keys(f.kept)))
	}
	if _, did = run(t, c, config()); len(did) != 0 {
		t.Errorf("again: %q", did)
	}
	cfg := config()
	cfg.Retention[document.Flow] = 7 * 24 * time.Hour
	if _, did = run(t, c, cfg); !slices.Equal(did, []string{"change policy weir-flow"}) {
		t.Errorf("retention: %q", did)
	}
	if _, did = run(t, c, cfg); len(did) != 0 {
		t.Errorf("again: %q", did)
	}
}
