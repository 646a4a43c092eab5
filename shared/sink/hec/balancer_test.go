package hec_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// TestBalancer: behind one that keeps a client at a server by a cookie all is as with one server. Behind one that does not, numbers of
// acknowledgements are of several servers: events may come again, and none is lost.
func TestBalancer(t *testing.T) {
	for _, keeps := range []bool{true, false} {
		t.Run(fmt.Sprintf("keeps %v", keeps), func(t *testing.T) {
			t.Parallel()
			servers := []*hectest.Server{
				hectest.New(t, hectest.Config{Token: token, Ack: true, Plain: true}), hectest.New(t, hectest.Config{Token: token, Ack: true, Plain: true}),
			}
			balancer := httptest.NewServer(balance(t, servers, keeps))
			t.Cleanup(balancer.Close)
			cfg := quick(servers[0], t.TempDir())
			cfg.URLs, cfg.TLS, cfg.Piece = []string{balancer.URL}, sink.TLS{}, 4<<10
			s, _ := begin(t, cfg)
			const events = 2000
			for i := range events {
				put(t, s, event(0, fmt.Sprint("e", i), `,"src":"192.0.2.1","dest":"192.0.2.2"`))
			}
			st := drain(t, s)
			found := map[string]int{}
			for _, server := range servers {
				for id, n := range server.Counts() {
					found[id] += n
				}
			}
			again := 0
			for _, n := range found {
				again += n - 1
			}
			if len(found) != events || st.Delivered != events || st.Acknowledged != events {
				t.Errorf("%d events: %+v", len(found), st)
			}
			if keeps && (again > 0 || st.Restarts > 0 || servers[0].Safe() == 0 && servers[1].Safe() == 0) {
				t.Errorf("%d came again: %+v", again, st)
			}
			t.Logf("%d came again, %d channels given up", again, st.Restarts)
		})
	}
}

// balance gives requests to servers in turn, unless a cookie says which.
func balance(t *testing.T, servers []*hectest.Server, keeps bool) http.Handler {
	t.Helper()
	var turn atomic.Int64
	var proxies []http.Handler
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	for _, s := range servers {
		u, err := url.Parse(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		p := httputil.NewSingleHostReverseProxy(u)
		p.Transport = transport
		proxies = append(proxies, p)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := int(turn.Add(1)) % len(proxies)
		if c, err := r.Cookie("server"); err == nil && keeps {
			_, _ = fmt.Sscan(c.Value, &at)
		} else if keeps {
			http.SetCookie(w, &http.Cookie{Name: "server", Value: fmt.Sprint(at)})
		}
		proxies[at].ServeHTTP(w, r)
	})
}
