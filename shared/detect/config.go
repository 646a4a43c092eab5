package detect

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// Profile chooses the default thresholds.
type Profile string

// Profiles: the thresholds of Enterprise suit a network behind a border of some Gbit/s; ISP has those of a provider, ten
// times as high for reflection.
const (
	Enterprise Profile = "enterprise"
	ISP        Profile = "isp"
)

// Config says what is looked for and how much memory that may take. The zero value of a member stands for its default.
type Config struct {
	Profile Profile
	Floor   Floor
	// UnknownBPS is the rate in bit/s from which dos.reflection.unknown looks at a victim.
	UnknownBPS float64
	// ServiceBPS overrides thresholds of the service table in bit/s, by the name as in dos.reflection.<name>.
	ServiceBPS map[string]float64
	// Disabled names detectors that are not run; "dos.reflection.*" names all that begin so.
	Disabled []string
	// Others are the names of detectors elsewhere, which Disabled may name, too.
	Others []string
	// ActiveTimeout and InactiveTimeout are those of the exporters, until their lateness has been learned.
	ActiveTimeout, InactiveTimeout time.Duration
	Life                           Life
	Budget                         Budget
}

// Floor is the least traffic towards one host that dos.volumetric.host calls a flood; reaching any of the three is enough.
type Floor struct {
	BPS float64 // bit/s
	PPS float64 // packet/s
	FPS float64 // new flow/s, judged on unsampled exporters only
}

// Life times the life cycle of alerts.
type Life struct {
	Down   float64       // an alert is quiet below this part of its threshold
	Hold   time.Duration // so long must it be quiet to be over
	Reopen time.Duration // so long after that it may come back under the same id
	// Settle is how long a rate over its threshold waits for records that come late, so that the first bin over it, and with it the
	// alert's id, does not depend on the order of arrival.
	Settle time.Duration
}

// Budget caps the tables of an engine. At a cap nothing grows: what cannot be kept is counted in [Stats.Caps].
type Budget struct {
	Cells   int // destinations, once for the host and once for each service that talks to it; beyond, only heavy ones get in, for cold ones
	Pages   int // minutes of a cell, 296 bytes each; beyond, heavy cells take those of light ones
	Sets    int // sets of sources of minutes with over 8, 1.3 kB each; beyond, a minute counts its first 8
	Hot     int // cells near their threshold or under alert, 15 kB each; beyond, hotter ones take the place of the least hot without alert
	Streams int // exporters and domains; beyond, all further ones share one
	Asked   int // outbound requests remembered a generation, 3 to 6 bytes each; beyond, a generation ends early
	Waiting int // inbound records that wait for a request to show up, 96 bytes each; beyond, the oldest is judged early
}

// DefaultConfig returns the enterprise profile with a budget of about 350 MB at the caps.
func DefaultConfig() Config {
	return Config{
		Profile:       Enterprise,
		Floor:         Floor{BPS: 100e6, PPS: 5000, FPS: 3500},
		UnknownBPS:    20e6,
		ActiveTimeout: 60 * time.Second, InactiveTimeout: 15 * time.Second,
		Life: Life{Down: 0.7, Hold: time.Minute, Reopen: 30 * time.Minute, Settle: 10 * time.Second},
		Budget: Budget{
			Cells: 200_000, Pages: 600_000, Sets: 32_768, Hot: 2048, Streams: 4096, Asked: 1 << 21, Waiting: 1 << 17,
		},
	}
}

// ispFloor are the defaults of the ISP profile (FastNetMon's limits); reflection takes ispFactor times the enterprise's.
var ispFloor = Floor{BPS: 1e9, PPS: 20_000, FPS: 3500}

const ispFactor = 10

func (c Config) withDefaults() (Config, error) {
	d := DefaultConfig()
	c.Profile = orDefault(c.Profile, d.Profile)
	switch c.Profile {
	case Enterprise:
	case ISP:
		d.Floor, d.UnknownBPS = ispFloor, d.UnknownBPS*ispFactor
	default:
		return c, fmt.Errorf("detect: profile %q is neither %q nor %q", c.Profile, Enterprise, ISP)
	}
	c.Floor.BPS = orDefault(c.Floor.BPS, d.Floor.BPS)
	c.Floor.PPS = orDefault(c.Floor.PPS, d.Floor.PPS)
	c.Floor.FPS = orDefault(c.Floor.FPS, d.Floor.FPS)
	c.UnknownBPS = orDefault(c.UnknownBPS, d.UnknownBPS)
	c.ActiveTimeout = orDefault(c.ActiveTimeout, d.ActiveTimeout)
	c.InactiveTimeout = orDefault(c.InactiveTimeout, d.InactiveTimeout)
	c.Life.Down = orDefault(c.Life.Down, d.Life.Down)
	c.Life.Hold = orDefault(c.Life.Hold, d.Life.Hold)
	c.Life.Reopen = orDefault(c.Life.Reopen, d.Life.Reopen)
	c.Life.Settle = orDefault(c.Life.Settle, d.Life.Settle)
	c.Budget = c.Budget.withDefaults(d.Budget)
	return c, c.check()
}

func (b Budget) withDefaults(d Budget) Budget {
	return Budget{
		Cells: orDefault(b.Cells, d.Cells), Pages: orDefault(b.Pages, d.Pages), Sets: orDefault(b.Sets, d.Sets),
		Hot: orDefault(b.Hot, d.Hot), Streams: orDefault(b.Streams, d.Streams), Asked: orDefault(b.Asked, d.Asked),
		Waiting: orDefault(b.Waiting, d.Waiting),
	}
}

func (c Config) check() error {
	b := c.Budget
	switch {
	case min(c.Floor.BPS, c.Floor.PPS, c.Floor.FPS, c.UnknownBPS) < 0:
		return errors.New("detect: a threshold is negative")
	case c.Life.Down <= 0 || c.Life.Down > 1:
		return errors.New("detect: the quiet part of a threshold must be over 0 and at most 1")
	case min(c.ActiveTimeout, c.InactiveTimeout, c.Life.Hold, c.Life.Reopen, c.Life.Settle) < 0:
		return errors.New("detect: a duration is negative")
	case min(b.Cells, b.Pages, b.Sets, b.Hot, b.Streams, b.Asked, b.Waiting) < 1:
		return errors.New("detect: a budget is negative")
	}
	return nil
}

// disabled tells whether a detector is not run.
func (c *Config) disabled(name string) bool { return Named(c.Disabled, name) }

// Named tells whether a list of detectors has a name; "infra.*" in it is all names that begin so.
func Named(list []string, name string) bool {
	return slices.ContainsFunc(list, func(pattern string) bool { return matchName(pattern, name) })
}

func matchName(pattern, name string) bool {
	prefix, all := strings.CutSuffix(pattern, "*")
	return pattern == name || (all && strings.HasPrefix(name, prefix))
}

// checkDisabled finds names that no detector has.
func (c *Config) checkDisabled(names []string) error {
	for _, d := range c.Disabled {
		if !slices.ContainsFunc(names, func(name string) bool { return matchName(d, name) }) {
			return fmt.Errorf("detect: no detector %q to disable", d)
		}
	}
	return nil
}

func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// Deps is what an engine works with. Symbols is required, as the batches' table of names. Inside tells the networks to be
// protected, for records whose direction was left open; without it they are skipped. Roles tells what hosts are for; nil knows of
// none. Secret keys the hash tables: the zero
// value stands for a random one; findings do not depend on it. Registry, where given, must have the fields that evidence
// filters name. Log may be nil.
type Deps struct {
	Registry *flow.Registry
	Symbols  *flow.Symbols
	Log      *slog.Logger
	Inside   func(flow.Addr) bool
	Roles    *enrich.Roles
	Secret   [16]byte
}

func (d Deps) withDefaults() (Deps, error) {
	if d.Symbols == nil {
		return d, errors.New("detect: symbols are required")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Registry != nil {
		for _, name := range evidenceFields() {
			if d.Registry.Lookup(name) == nil {
				return d, fmt.Errorf("detect: the registry has no field %s, which evidence is selected by", name)
			}
		}
	}
	if d.Secret == ([16]byte{}) {
		if _, err := rand.Read(d.Secret[:]); err != nil {
			return d, fmt.Errorf("detect: secret of the hash tables: %w", err)
		}
	}
	return d, nil
}
