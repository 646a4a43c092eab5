package hec

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink/cim"
)

// TestPutAllocates nothing: it is called for every record.
func TestPutAllocates(t *testing.T) {
	cfg := DefaultConfig()
	cfg.URLs, cfg.Token, cfg.Dir = []string{"https://h:8088"}, config.Secret{Value: "t"}, t.TempDir()
	s, err := New(cfg, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	ev := &cim.Event{Kind: cim.Flow, Time: 1_700_000_000_123_456_789, Host: "192.0.2.1", JSON: []byte(`{"id":"a","bytes":1}`)}
	if err := s.Put(context.Background(), ev); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { _ = s.Put(context.Background(), ev) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2015, 10, 21, 7, 28, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-3": 0, "soon": 0, "999999": longestWait, "Wed, 21 Oct 2015 07:28:30 GMT": 30 * time.Second, "Wed, 21 Oct 2015 07:27:30 GMT": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestCodesAreDocumented: the statuses of codes are those that Splunk documents, so that a code says the same as its status.
func TestCodesAreDocumented(t *testing.T) {
	for number, c := range codes {
		a := parseAnswer(c.status, []byte(`{"code":`+strconv.Itoa(number)+`}`))
		if a.class != c.class || reasonOf(a.status, a.code) != c.reason || c.text == "" {
			t.Errorf("%d: %+v", number, a)
		}
		if ok := c.class == taken || c.class == near || c.class == healthy; ok != (c.status == http.StatusOK) {
			t.Errorf("%d: class %d with status %d", number, c.class, c.status)
		}
	}
}
