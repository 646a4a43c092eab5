package policy

import "time"

// Grouping says whose traffic is measured together.
type Grouping uint8

// Groupings. In a session source is the client, destination the server.
const (
	BySession     Grouping = iota // each session alone
	BySource                      // all sessions of a client
	ByDestination                 // all sessions to a server's address
	ByPair                        // all sessions of a client to a server's address
	ByGroup                       // all sessions of clients in a traffic group; one in several counts in each
)

var groupingNames = [...]string{"session", "source", "destination", "pair", "group"}

// String returns the name used in weir.yaml.
func (g Grouping) String() string { return groupingNames[g] }

// GroupingNames returns the names of all groupings.
func GroupingNames() []string { return append([]string(nil), groupingNames[:]...) }

// ParseGrouping is the inverse of [Grouping.String].
func ParseGrouping(s string) (Grouping, bool) {
	for i, name := range groupingNames {
		if name == s {
			return Grouping(i), true
		}
	}
	return 0, false
}

// Bounds of windows.
const (
	MinWindow = 10 * time.Second
	MaxWindow = 31 * 24 * time.Hour
)

// MaxPolicies is how many policies a set may have.
const MaxPolicies = 1000

// Policy is a rule. The zero value of a member that is not required means none.
type Policy struct {
	Name     string        // identity; required
	Title    string        // one line for people; "": the limit in words
	Filter   string        // which sessions: the filter language on sessions; "": all
	By       Grouping      // whose traffic is measured together
	Limit    Condition     // what is too much; required
	Window   time.Duration // within how long; 0 with BySession, else MinWindow to MaxWindow
	Schedule *Schedule     // when it applies; nil: always
	Severity int           // 0 to 100
}
