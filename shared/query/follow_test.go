package query_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/query"
)

// following answers with a stream of events as a collector sends them.
func following(t *testing.T, body string) (*query.Client, *http.Request) {
	t.Helper()
	last := new(http.Request)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last.Header, last.URL = r.Header, r.URL
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := query.NewClient(query.ClientConfig{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return c, last
}

func TestFollowAlerts(t *testing.T) {
	const stream = ": weir\n\nevent: gap\ndata: {\"text\":\"...\"}\n\nid: a-1\nevent: alert\ndata: {\"id\":\"a\",\"detector\":\"dos.x\"}\n\n: beat\n\n" +
		"event: of a later version\ndata: {}\n\nid: b-2\nevent: alert\ndata: {\"id\":\"b\"}\n\n"
	c, last := following(t, stream)
	var got []string
	err := c.FollowAlerts(t.Context(), "z-9", func(e query.AlertEvent) error {
		if e.Gap {
			got = append(got, "gap")
			return nil
		}
		got = append(got, e.ID+" "+e.Alert.ID)
		return nil
	})
	if want := []string{"gap", "a-1 a", "b-2 b"}; !slices.Equal(got, want) {
		t.Errorf("%v, wanted %v", got, want)
	}
	if err == nil || !strings.Contains(err.Error(), "ended the stream") {
		t.Errorf("the end of a stream is an error: %v", err)
	}
	if last.Header.Get("Last-Event-ID") != "z-9" || last.URL.Path != query.PathAlertStream {
		t.Errorf("%v %v", last.URL, last.Header)
	}
}

func TestFollowAlertsStops(t *testing.T) {
	enough := errors.New("enough")
	c, _ := following(t, "id: a-1\nevent: alert\ndata: {\"id\":\"a\"}\n\nid: b-2\nevent: alert\ndata: {\"id\":\"b\"}\n\n")
	n := 0
	if err := c.FollowAlerts(t.Context(), "", func(query.AlertEvent) error { n++; return enough }); !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
	c, _ = following(t, "event: alert\ndata: {\"id\":\n\n")
	if err := c.FollowAlerts(t.Context(), "", func(query.AlertEvent) error { return nil }); err == nil || !strings.Contains(err.Error(), "event") {
		t.Errorf("an alert that is none: %v", err)
	}
}

func TestStatuses(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		foreign bool
	}{{401, `{"error":{"part":"authorization","text":"a token is needed"}}`, false}, {500, `{"error":{"part":"","text":"disk full"}}`, false}, {502, "<html>", true}} {
		client, _ := answering(t, c.status, c.body)
		_, err := client.Exporters(t.Context())
		var refused *query.StatusError
		if !errors.As(err, &refused) || refused.Status != c.status || refused.Foreign != c.foreign {
			t.Errorf("%d: %+v", c.status, err)
		}
	}
}

func TestPaths(t *testing.T) {
	client, last := answering(t, http.StatusOK, `{"paths":{"/api/v1/values":{},"/api/v1/aggregate":{}}}`)
	got, err := client.Paths(t.Context())
	if err != nil || !slices.Equal(got, []string{"/api/v1/aggregate", "/api/v1/values"}) || !strings.HasSuffix(last.URL.Path, query.PathOpenAPI) {
		t.Errorf("%v, %v, %v", got, err, last.URL)
	}
}
