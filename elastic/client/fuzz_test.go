package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/elastic/client"
)

// FuzzAnswer: whatever a server answers, what is said of it is one line of bounded length.
func FuzzAnswer(f *testing.F) {
	for status, body := range map[int]string{
		400: `{"error":{"root_cause":[{"type":"a","reason":"b\nc"}],"type":"illegal_argument_exception","reason":"all shards failed","caused_by":{"reason":"d"}}}`,
		403: `{"error":{"type":"security_exception","reason":"action [indices:data/read/search] is unauthorized for user [a] with roles [] on indices [x,y], this action is granted by the index privileges [read,all]"}}`,
		401: `{"error":"Unauthorized"}`,
		429: `{"error":{"type":"cluster_block_exception","reason":"index [i] blocked by: [TOO_MANY_REQUESTS/12/..., index has read-only-allow-delete block]"}}`,
		404: `{"error":{"reason":"no permissions for [indices:data/write] and User [name=a]"}}`,
		500: "<html>",
	} {
		f.Add(status, []byte(body))
	}
	c, err := client.New(client.Config{Nodes: []string{"http://127.0.0.1:9200"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := c.Answer(status, body)
		var e *client.Error
		if !errors.As(err, &e) || e.Kind == nil || !errors.Is(err, e.Kind) {
			t.Fatalf("%v has no kind", err)
		}
		if text := err.Error(); strings.ContainsAny(text, "\r\n") || len(text) > 5000 {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	})
}
