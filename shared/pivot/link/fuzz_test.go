package link_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"

	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

// FuzzParseAlerts: whatever another tool puts into a link, it is a question that can be sent on, or an error that names the parameter.
func FuzzParseAlerts(f *testing.F) {
	for _, seed := range []string{
		"host=10.1.2.3&from=1772439300.25&to=1772439600000", "host=[2001:db8::1]&from=now-1d/d&to=now/w", "from=2026-03-02T09:15:00 01:00&limit=5", "from=-99999999999&to=9e99", "to=now%2B9223372036854775807s", "%zz", "from=-70000000000",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		q, err := link.ParseAlerts(values, now)
		if err != nil {
			var bad *query.Error
			if !errors.As(err, &bad) || bad.Part == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if _, err := json.Marshal(q); err != nil || q.Check() != nil {
			t.Fatalf("%q: %+v: %v, %v", text, q, err, q.Check())
		}
	})
}
