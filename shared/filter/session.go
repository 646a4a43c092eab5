package filter

import "github.com/weirflow/weir/shared/flow"

// ParseSession reads a filter on sessions: it may use the fields that only sessions have, and those of records that say something
// about a session. Source is the client, destination the server, and counters are those of the whole session. Errors are *[Error].
func ParseSession(text string, reg *flow.Registry) (Node, error) {
	return (&parser{scanner: scanner{text: text}, reg: reg, sessions: true}).all()
}

func onSessions(f *flow.Field) bool { return f.OfSession != nil }

// SessionView shows a session to a [SessionMatch]. One view serves any number of matches, one goroutine at a time.
type SessionView struct {
	symbols *flow.Symbols
	session *flow.Session
	room    [16]flow.Value // of the field that is being looked at
}

// NewSessionView returns a view of sessions whose symbols are of the table.
func NewSessionView(symbols *flow.Symbols) *SessionView { return &SessionView{symbols: symbols} }

// Set shows s from now on; the view keeps s, not a copy of it. It allocates nothing.
func (v *SessionView) Set(s *flow.Session) { v.session = s }

// values returns the session's values of a field, until the next call.
func (v *SessionView) values(f *flow.Field) []flow.Value {
	if f.OfSession == nil {
		return nil
	}
	return f.OfSession(v.room[:0], v.symbols, v.session)
}

// SessionMatch tells whether the session shown by a view matches. It allocates nothing.
type SessionMatch func(v *SessionView) bool

// SessionPredicate compiles a filter made by [ParseSession].
func SessionPredicate(n Node) SessionMatch {
	switch n := n.(type) {
	case And:
		list := compiledSession(n)
		return func(v *SessionView) bool {
			for _, m := range list {
				if !m(v) {
					return false
				}
			}
			return true
		}
	case Or:
		list := compiledSession(n)
		return func(v *SessionView) bool {
			for _, m := range list {
				if m(v) {
					return true
				}
			}
			return false
		}
	case Not:
		of := SessionPredicate(n.Of)
		return func(v *SessionView) bool { return !of(v) }
	case Compare:
		return func(v *SessionView) bool {
			for _, have := range v.values(n.Field) {
				if compareValue(n, have) {
					return true
				}
			}
			return false
		}
	case Exists:
		return func(v *SessionView) bool { return len(v.values(n.Field)) > 0 }
	}
	return func(*SessionView) bool { return true }
}

func compiledSession(nodes []Node) []SessionMatch {
	list := make([]SessionMatch, len(nodes))
	for i, n := range nodes {
		list[i] = SessionPredicate(n)
	}
	return list
}
