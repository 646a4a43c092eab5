package engine_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// TestPrivileges: who asks needs the role that weir-elastic setup roles tells of, and no more. Who may not read a namespace is told so.
func TestPrivileges(t *testing.T) {
	s := start(t, servertest.ElasticsearchSecure)
	name, b := document.Flow.Target("asked"), talkers(t, 3, func(int, int) uint64 { return 5 })
	s.make(t, name, document.Flow, 1)
	s.put(t, name, s.records(b)...)
	for _, r := range assets.Roles(client.Server{Product: client.Elasticsearch}) {
		s.Must(t, http.MethodPut, r.Path, r.Body, nil)
	}
	s.Must(t, http.MethodPut, "/_security/role/elsewhere", map[string]any{"cluster": []string{"monitor"}, "indices": []any{map[string]any{"names": []string{"other"}, "privileges": []string{"read"}}}}, nil)
	connect := func(role, namespace string) (*engine.Connection, error) {
		s.Must(t, http.MethodPut, "/_security/user/"+role, map[string]any{"password": "secret-words", "roles": []string{role}}, nil)
		return engine.Connect(t.Context(), client.Config{Nodes: []string{s.URL}, TLS: sink.TLS{CA: s.CA}, Username: role, Password: client.Secret{Value: "secret-words"}}, namespace)
	}
	e, err := connect("weir_reader", "asked")
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	res, err := e.Aggregate(t.Context(), query.Question{Measure: query.Flows})
	if err != nil || res.Rows[0][0] != uint64(3) {
		t.Errorf("%v, %v", res.Rows, err)
	}
	var refused *engine.ServerError
	if _, err := connect("elsewhere", "asked"); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("may not read: %v", err)
	}
	if _, err := connect("elsewhere", "*"); !errors.Is(err, engine.ErrNothing) {
		t.Errorf("may read none of a pattern: %v", err)
	}
}
