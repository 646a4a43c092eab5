package behavior

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// Config sizes the detectors. The zero value of a member stands for its default; thresholds are data of the detectors' files.
type Config struct {
	Budget   Budget
	Life     Life
	Disabled []string        // names of detectors that find nothing; "scan.*" names all that begin so
	Policies []policy.Policy // what the network's owner does not allow
}

// Life times the life cycle of findings.
type Life struct {
	Hold   time.Duration // a finding is over when nothing was added for so long
	Reopen time.Duration // so long after that it may come back under the same id
}

// Budget caps the tables. At a cap the entry longest idle of a few is given up, and counted in [Stats.Caps].
type Budget struct {
	Sources  int // scanning hosts, 120 bytes each
	Pairs    int // client, server and service of logins, 500 bytes each
	Hosts    int // inside hosts and since when they are watched, 60 bytes each
	Contacts int // contacts remembered a generation (who talked to whom on which port), 3 to 6 bytes each
	Findings int // open findings, 4 kB each; beyond, new ones are counted and left out
}

// DefaultConfig is for about 250 MB at the caps.
func DefaultConfig() Config {
	return Config{
		Budget: Budget{Sources: 200_000, Pairs: 100_000, Hosts: 200_000, Contacts: 8 << 20, Findings: 10_000},
		Life:   Life{Hold: 10 * time.Minute, Reopen: time.Hour},
	}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	for _, p := range []struct {
		v *int
		d int
	}{
		{&c.Budget.Sources, d.Budget.Sources},
		{&c.Budget.Pairs, d.Budget.Pairs},
		{&c.Budget.Hosts, d.Budget.Hosts},
		{&c.Budget.Contacts, d.Budget.Contacts},
		{&c.Budget.Findings, d.Budget.Findings},
	} {
		if *p.v <= 0 {
			*p.v = p.d
		}
	}
	if c.Life.Hold <= 0 {
		c.Life.Hold = d.Life.Hold
	}
	if c.Life.Reopen <= 0 {
		c.Life.Reopen = d.Life.Reopen
	}
	return c
}

// Deps is what an engine works with.
type Deps struct {
	Symbols *flow.Symbols // of the sessions' groups
	Roles   *enrich.Roles // what hosts are for; nil knows of none
	// Secret keys the hashes of contacts, so that collisions cannot be crafted: zero stands for a random one.
	Secret [16]byte
}

func (d Deps) secret() ([16]byte, error) {
	if d.Secret == ([16]byte{}) {
		if _, err := rand.Read(d.Secret[:]); err != nil {
			return d.Secret, fmt.Errorf("secret of the hashes: %w", err)
		}
	}
	return d.Secret, nil
}

// disabled tells whether a detector is switched off.
func (c *Config) disabled(name string) bool { return detect.Named(c.Disabled, name) }

// Stats are the counters of an engine.
type Stats struct {
	Sessions uint64            // tellings of sessions looked at
	Raised   uint64            // findings raised, reopened ones included
	Caps     map[string]uint64 // what was given up or left out at the caps, by table
	Open     int               // findings kept
	Sources  int
	Pairs    int
	Hosts    int
}
