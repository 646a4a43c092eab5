package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/packaging/serve"
	"github.com/weirflow/weir/shared/query"
)

// Access says who may ask at a listening socket.
type Access struct {
	// Socket marks the data folder's Unix socket: who can open it may do everything, by the rights of the file.
	Socket bool
	// Token tells whether questions need a token. All that changes something needs one everywhere but on the socket.
	Token bool
	// Loopback marks addresses that only this machine can reach. There the Host header must name it: a web page whose name was made
	// to resolve to 127.0.0.1 would else have its browser ask in this machine's name.
	Loopback bool
	Hosts    []string // names that may stand there besides, for proxies in front
}

// Tokens checks secrets.
type Tokens interface {
	Check(secret string) (token.Token, error)
	List() ([]token.Token, error)
}

// Auditor is told of every request.
type Auditor interface{ Write(e audit.Entry) }

// GuardDeps is what a guard works with.
type GuardDeps struct {
	Tokens Tokens
	Audit  Auditor
	Now    func() time.Time
	// PageError answers a browser with why it may not look; nil: in JSON.
	PageError func(w http.ResponseWriter, r *http.Request, err error)
}

// caller is who asks.
type caller struct {
	token   string // its name; "": none
	address string
	detail  *string // what the audit says besides
}

// callerKey is under which a request's context has its caller.
type callerKey struct{}

// note adds to what the audit says of a request.
func note(r *http.Request, detail string) {
	if c, ok := r.Context().Value(callerKey{}).(caller); ok {
		*c.detail = detail
	}
}

// payer is by whom the turns of a request are counted.
func payer(r *http.Request) string {
	c, _ := r.Context().Value(callerKey{}).(caller)
	if c.token != "" {
		return "token " + c.token
	}
	return c.address
}

// Guard lets those requests through to next that may be made, and tells the audit of all but probes.
func Guard(a Access, deps GuardDeps, next http.Handler) http.Handler {
	posts := postScopes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		who, began := caller{address: addressOf(a, r), detail: new(string)}, deps.Now()
		defer func() {
			deps.Audit.Write(audit.Entry{Time: began, Token: who.token, Address: who.address, Method: r.Method, Path: r.URL.Path, Status: seen.status, Detail: *who.detail})
		}()
		if err := a.admit(r, posts, deps.Tokens, &who); err != nil {
			refuse(prefersPage(r), deps.PageError, answer{seen, r}, err)
			return
		}
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), callerKey{}, who)))
	})
}

func addressOf(a Access, r *http.Request) string {
	if a.Socket {
		return "socket"
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// admit says why a request may not be made, or nil.
func (a Access) admit(r *http.Request, posts map[string]token.Scope, tokens Tokens, who *caller) error {
	if a.Socket {
		return nil
	}
	if a.Loopback && !serve.Names(r.Host, a.Hosts) {
		return &refusal{status: http.StatusMisdirectedRequest, part: "host", text: fmt.Sprintf("%.100q is not this machine: ask 127.0.0.1 or localhost, or name it in api.hosts of weir.yaml", r.Host)}
	}
	need := needs(r, posts)
	secret, given, err := bearer(r)
	if err != nil {
		return err
	}
	if !given {
		if need == token.Read && !a.Token {
			return nil
		}
		return &refusal{status: http.StatusUnauthorized, part: "authorization", login: true,
			text: fmt.Sprintf("a token with the scope %s is needed: weir token create NAME --scope %s makes one, and the header Authorization: Bearer TOKEN sends it", need, need)}
	}
	t, err := tokens.Check(secret)
	switch {
	case errors.Is(err, token.ErrExpired), errors.Is(err, token.ErrUnknown):
		who.token = t.Name
		return &refusal{status: http.StatusUnauthorized, part: "authorization", login: true, text: err.Error()}
	case err != nil:
		return err
	}
	who.token = t.Name
	if t.Scope < need {
		return &refusal{status: http.StatusForbidden, part: "authorization",
			text: fmt.Sprintf("the token %s has the scope %s, and %s is needed", t.Name, t.Scope, need)}
	}
	return nil
}

// bearer returns the secret of a request, and whether there is one.
func bearer(r *http.Request) (secret string, given bool, err error) {
	list := r.Header.Values("Authorization")
	if len(list) == 0 {
		return "", false, nil
	}
	kind, secret, _ := strings.Cut(list[0], " ")
	if len(list) > 1 || !strings.EqualFold(kind, "Bearer") || strings.TrimSpace(secret) == "" {
		return "", true, &refusal{status: http.StatusUnauthorized, part: "authorization", login: true, text: "want Authorization: Bearer TOKEN"}
	}
	return strings.TrimSpace(secret), true, nil
}

// PathTokens is where the tokens are listed.
const PathTokens = "/api/v1/tokens"

// needs returns the scope that a request needs. Questions that are sent by POST change nothing; all other methods may.
func needs(r *http.Request, posts map[string]token.Scope) token.Scope {
	switch path := r.URL.Path; {
	case path == PathTokens || strings.HasPrefix(path, PathTokens+"/"):
		return token.Admin
	case r.Method != http.MethodGet && r.Method != http.MethodHead && (path == query.PathSettings || strings.HasPrefix(path, query.PathConfig)):
		return token.Admin
	case r.Method == http.MethodGet, r.Method == http.MethodHead, r.Method == http.MethodOptions:
		return token.Read
	case r.Method == http.MethodPost && posts[path] != token.None:
		return posts[path]
	}
	return token.Act
}

// postScopes are the scopes that a POST needs by its path: of questions, and of what administrators do.
func postScopes() map[string]token.Scope {
	scopes := map[string]token.Scope{}
	for _, rt := range (&handler{}).routes() {
		switch {
		case rt.method != http.MethodPost:
		case rt.admin:
			scopes[rt.path] = token.Admin
		case rt.asks != nil && !rt.changes:
			scopes[rt.path] = token.Read
		}
	}
	return scopes
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
	sent   bool
}

// WriteHeader implements [http.ResponseWriter].
func (s *statusWriter) WriteHeader(status int) {
	if !s.sent {
		s.status, s.sent = status, status >= http.StatusOK
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (s *statusWriter) Write(p []byte) (int, error) {
	s.sent = true
	return s.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
