package api_test

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// TestChangeSettings: what a request for a change is answered with.
func TestChangeSettings(t *testing.T) {
	s := everything(t)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string // name, value, ...
		status                   int
		says                     string
	}{
		{"nothing yet", "GET", "/config", "", nil, 200, `{"version":0,`},
		{"one of the file", "GET", "/config/groups/servers", "", nil, 200, `"source":"file","version":0,"set_aside":false,"value":{"cidrs":["10.1.0.0/16","2001:db8:1::/48"]}}`},
		{"an exporter by its address", "GET", "/config/exporters/192.0.2.1", "", nil, 200, `"name":"192.0.2.1/32","source":"file"`},
		{"an exporter by its CIDR", "GET", "/config/exporters/198.51.100.0%2F24", "", nil, 200, `"name":"198.51.100.0/24"`},
		{"none of it", "GET", "/config/groups/mail", "", nil, 404, `no such thing`},
		{"make one", "PUT", "/config/groups/mail", `{"ports": [25, "465-587"]}`, nil, 200, `{"version":1,"dry_run":false,"applied":"now","changes":[{"kind":"groups","name":"mail","before":null,"after":{"ports":[25,"465-587"]}}]}`},
		{"it is there", "GET", "/config/groups/mail", "", nil, 200, `"source":"api","version":1,"set_aside":false,"value":{"ports":[25,"465-587"]}}`},
		{"and in the list", "GET", "/config/groups", "", nil, 200, `{"name":"mail","cidrs":[],"ports":["25","465-587"],"source":"api","version":1,"set_aside":false}]`},
		{"make one that is there", "PUT", "/config/groups/mail", `{"ports": [26]}`, []string{"If-None-Match", "*"}, 412, `"part":"if-none-match","text":"it is there already`},
		{"change what has changed", "PUT", "/config/groups/mail", `{"ports": [26]}`, []string{"If-Match", `"0"`}, 412, `somebody else has changed it`},
		{"change what is gone", "PUT", "/config/groups/gone", `{"ports": [26]}`, []string{"If-Match", "*"}, 412, `there is nothing of this name any more`},
		{"a dry run", "PUT", "/config/policies/p?dry_run=true", `{"limit": "bytes > 1GB"}`, nil, 200, `{"version":1,"dry_run":true,"applied":"not","changes":[{"kind":"policies","name":"p","before":null,`},
		{"neither true nor false", "PUT", "/config/policies/p?dry_run=yes", `{"limit": "bytes > 1GB"}`, nil, 400, `"part":"dry_run"`},
		{"several faults", "PUT", "/config/policies/p", `{"filter": "server.prt : 1", "limit": "much", "severity": 200}`, nil, 400, `{"error":{"part":"/filter","text":"no field server.prt; did you mean server.port?"},"more":[{"part":"/limit"`},
		{"one of the file's", "PUT", "/config/groups/servers", `{"ports": [1]}`, nil, 409, `it is in weir.yaml: change it there`},
		{"remove one of the file's", "DELETE", "/config/groups/servers", "", nil, 409, `it is in weir.yaml`},
		{"a pivot that is built in", "PUT", "/config/pivots/ripestat", `{"url": "https://x.example.net/{ip}"}`, nil, 409, `built in`},
		{"inside of the file", "PUT", "/config/inside", `{"cidrs": []}`, nil, 409, `it is in weir.yaml`},
		{"credentials", "PUT", "/config/exporters/192.0.2.9", `{"snmp": {"community": {"file": "/etc/passwd"}}}`, nil, 400, `"part":"/snmp","text":"credentials are not taken here`},
		{"a list", "PUT", "/config/groups/a", `[]`, nil, 400, "want a JSON object"},
		{"a form", "PUT", "/config/groups/a", `a=1`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "application/json"},
		{"too long", "PUT", "/config/groups/a", strings.Repeat(" ", 1<<20+1), nil, 413, "longer than"},
		{"several", "POST", "/config", `{"changes": [{"kind": "groups", "name": "mail", "value": null}, {"kind": "exporters", "name": "192.0.2.7", "value": {"sampling": 100}}]}`, nil, 200, `{"version":2,`},
		{"several, one wrong", "POST", "/config", `{"changes": [{"kind": "groups", "name": "a", "value": {"ports": [1]}}, {"kind": "groups", "name": "b", "value": {}}]}`, nil, 400, `"part":"groups/b","text":"group \"b\" takes everything`},
		{"a forgotten value", "POST", "/config", `{"changes": [{"kind": "exporters", "name": "192.0.2.7"}]}`, nil, 400, `"part":"changes/0/value"`},
		{"none", "POST", "/config", `{}`, nil, 400, `"part":"changes"`},
		{"versions", "GET", "/config/versions", "", nil, 200, `"action":"delete groups/mail, put exporters/192.0.2.7"`},
		{"an old one", "GET", "/config/versions/1", "", nil, 200, `"settings":[{"kind":"groups","name":"mail","value":{"ports":[25,"465-587"]}}]`},
		{"one that never was", "GET", "/config/versions/7", "", nil, 404, `version 7: there is no such thing`},
		{"no number", "GET", "/config/versions/latest", "", nil, 400, `"part":"version"`},
		{"go back", "POST", "/config/versions/1/restore", "", nil, 200, `{"version":3,"dry_run":false,"applied":"now","changes":[{"kind":"groups","name":"mail","before":null,`},
		{"remove it", "DELETE", "/config/groups/mail", "", nil, 200, `{"version":4,`},
		{"remove it again", "DELETE", "/config/groups/mail", "", nil, 404, "no such thing"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+"/api/v1"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", query.TypeJSON)
		for i := 0; i < len(c.headers); i += 2 {
			req.Header.Set(c.headers[i], c.headers[i+1])
		}
		status, body := do(t, s, req)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %.400s; want %d %s", c.name, status, body, c.status, c.says)
		}
	}
}

func do(t *testing.T, s *httptest.Server, req *http.Request) (status int, body string) {
	t.Helper()
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// TestConcurrentWriters: of writers that all change what they have read, each change is built on the one before it; the others are told so.
func TestConcurrentWriters(t *testing.T) {
	s := everything(t)
	c, err := query.NewClient(query.ClientConfig{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.PutSetting(t.Context(), "groups", "shared", json.RawMessage(`{"ports": [1]}`), query.SettingOptions{IfNone: true}); err != nil {
		t.Fatal(err)
	}
	const writers, each = 4, 5
	var all sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for w := range writers {
		all.Go(func() {
			for done := 0; done < each; {
				now, tag, err := c.Setting(t.Context(), "groups", "shared")
				if err != nil {
					t.Error(err)
					return
				}
				var value struct {
					Ports []int `json:"ports"`
				}
				if err := json.Unmarshal(now.Value, &value); err != nil {
					t.Error(err)
					return
				}
				value.Ports = append(value.Ports, 1000+w*each+done)
				body, _ := json.Marshal(value)
				_, err = c.PutSetting(t.Context(), "groups", "shared", body, query.SettingOptions{IfMatch: tag})
				var bad *query.Error
				switch {
				case err == nil:
					done++
				case errors.As(err, &bad) && bad.Part == "if-match":
					mu.Lock()
					refused++
					mu.Unlock()
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	now, _, err := c.Setting(t.Context(), "groups", "shared")
	if err != nil || strings.Count(string(now.Value), ",") != writers*each || now.Version != writers*each+1 {
		t.Errorf("%d refused: %+v, %v", refused, now, err)
	}
}

// TestSettingsGuard: settings are read with the scope read and changed with the scope admin alone; all is audited, with what changes did.
func TestSettingsGuard(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	tokens := token.New(t.TempDir(), func() time.Time { return now })
	secrets := map[string]string{"wrong": "weir_wrong"}
	for name, scope := range map[string]token.Scope{"reader": token.Read, "actor": token.Act, "root": token.Admin} {
		secret, err := tokens.Create(name, scope, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		secrets[name] = secret
	}
	deps := over(conformance.NewReference(filtertest.RandomBatch(rand.New(rand.NewPCG(1, 2)), 10)))
	deps.Settings = changeable(t, exampleConfig(t))
	cfg := api.DefaultConfig()
	cfg.Budget = 100
	handler, err := api.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	over := `{"by": ["source.ip", "destination.ip"], "from": "2026-01-01T00:00:00Z", "to": "2026-03-01T00:00:00Z"}`
	for _, c := range []struct {
		name, method, path, body, token string
		access                          api.Access
		status                          int
		detail                          string
	}{
		{"read by a reader", "GET", "/config/groups/servers", "", "reader", api.Access{Token: true}, 200, ""},
		{"read without a token", "GET", "/config", "", "", api.Access{Token: true}, 401, ""},
		{"changed by a reader", "PUT", "/config/groups/a", `{"ports": [1]}`, "reader", api.Access{Token: true}, 403, ""},
		{"changed by an actor", "PUT", "/config/groups/a", `{"ports": [1]}`, "actor", api.Access{Token: true}, 403, ""},
		{"removed by an actor", "DELETE", "/config/groups/a", "", "actor", api.Access{Token: true}, 403, ""},
		{"several by an actor", "POST", "/config", `{"changes": [{"kind": "groups", "name": "a", "value": {"ports": [1]}}]}`, "actor", api.Access{Token: true}, 403, ""},
		{"restored by a reader", "POST", "/config/versions/0/restore", "", "reader", api.Access{Token: true}, 403, ""},
		{"changed with a wrong token", "PUT", "/config/groups/a", `{"ports": [1]}`, "wrong", api.Access{Token: true}, 401, ""},
		{"changed without a token on loopback", "PUT", "/config/groups/a", `{"ports": [1]}`, "", api.Access{Loopback: true}, 401, ""},
		{"several without a token and any rule", "POST", "/config", `{"changes": []}`, "", api.Access{}, 401, ""},
		{"changed by an administrator", "PUT", "/config/groups/a", `{"ports": [1]}`, "root", api.Access{Token: true}, 200, "version 1"},
		{"changed on the socket", "PUT", "/config/groups/a", `{"ports": [2]}`, "", api.Access{Socket: true}, 200, "version 2"},
		{"a dry run", "PUT", "/config/groups/a?dry_run=true", `{"ports": [3]}`, "root", api.Access{Token: true}, 200, "dry run"},
		{"the same again", "PUT", "/config/groups/a", `{"ports": [2]}`, "root", api.Access{Token: true}, 200, "nothing is different"},
		{"a question over budget", "POST", "/aggregate", over, "reader", api.Access{Token: true}, 422, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var seen audited
			guarded := api.Guard(c.access, api.GuardDeps{Tokens: tokens, Audit: &seen, Now: func() time.Time { return now }}, handler)
			r := httptest.NewRequest(c.method, "http://localhost/api/v1"+c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", query.TypeJSON)
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+secrets[c.token])
			}
			w := httptest.NewRecorder()
			guarded.ServeHTTP(w, r)
			who := c.token
			if who == "wrong" {
				who = ""
			}
			if w.Code != c.status || len(seen) != 1 || seen[0].Status != c.status || seen[0].Token != who || seen[0].Method != c.method || seen[0].Detail != c.detail {
				t.Errorf("%d %s; audited %+v", w.Code, w.Body, seen)
			}
			if c.status >= 400 {
				checkFailure(t, w.Code, w.Header(), w.Body.String())
			}
		})
	}
	list, err := deps.Settings.Versions()
	if err != nil || len(list) != 2 || list[1].Token != "root" || list[0].Token != "" || list[0].Address != "socket" {
		t.Errorf("%+v, %v", list, err)
	}
}
