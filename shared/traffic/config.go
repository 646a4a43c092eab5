package traffic

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// maxHosts is how many workstations the address plan has room for.
const maxHosts = 500_000

// ErrConfig marks a Config that cannot be generated: wrong use, not a failure.
var ErrConfig = errors.New("wrong traffic config")

// Config says what to generate. Its fields are the flags of `weir gen`.
type Config struct {
	Scenario string // a name of Scenarios
	Seed     uint64
	Protocol encode.Protocol
	// Sampling N makes the devices sample packets 1:N and announce it; 0 and 1
	// sample nothing.
	Sampling uint32
	// Active and Inactive are the devices' flow timeouts, in whole milliseconds.
	Active, Inactive time.Duration
	// Hosts is the number of workstations; servers come on top, as many as that
	// many workstations need.
	Hosts int
	// Days is how long the scenario lasts, 0 as long as it says itself.
	Days  int
	Start time.Time
	// Scale multiplies hosts, targets and numbers of attempts. Rates and the
	// size of one session stay.
	Scale float64
	// Uptime is how long the devices have been up at Start; 0 draws 1 to 40 days
	// from the seed. Near 49.7 days sysUptime wraps during the scenario.
	Uptime time.Duration
	// Effects are the faults of the devices and of the way to the collector.
	Effects Effects
	// Progress, when set, is called with the share that is done, 0 to 1.
	Progress func(done float64)
}

// DefaultConfig returns the defaults of `weir gen`: NetFlow v9, 200 hosts,
// unsampled, timeouts 60 s and 15 s, from 2026-03-02T00:00:00Z (a Monday).
func DefaultConfig() Config {
	return Config{
		Protocol: encode.NetFlow9,
		Sampling: 1,
		Active:   time.Minute,
		Inactive: 15 * time.Second,
		Hosts:    200,
		Start:    time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		Scale:    1,
	}
}

// Validate reports everything wrong with the config, joined; each part wraps
// ErrConfig and says what would be right.
func (c Config) Validate() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrConfig}, args...)...))
		}
	}
	sc, ok := findScenario(c.Scenario)
	bad(!ok, "scenario %q is not one of %s", c.Scenario, scenarioNames())
	bad(c.Protocol < encode.NetFlow5 || c.Protocol > encode.SFlow5, "protocol %s cannot be written: use netflow5, netflow9, ipfix or sflow", c.Protocol)
	bad(c.Protocol == encode.NetFlow5 && c.Sampling >= 1<<14, "sampling 1:%d: NetFlow v5 can announce at most 1:16383", c.Sampling)
	bad(c.Active < time.Second || c.Active > 24*time.Hour, "active timeout %s: want 1s to 24h", c.Active)
	bad(c.Inactive < time.Second || c.Inactive > c.Active, "inactive timeout %s: want 1s up to the active timeout %s", c.Inactive, c.Active)
	bad(c.Scale <= 0 || c.Scale > 1000, "scale %g: want more than 0, up to 1000", c.Scale)
	bad(c.Hosts < 1 || c.hosts() > maxHosts, "%d hosts at scale %g: want 1 to %d", c.Hosts, c.Scale, maxHosts)
	bad(c.Days < 0 || c.Days > 366, "%d days: want 1 to 366", c.Days)
	bad(c.Days > 0 && ok && sc.fixedLength, "scenario %s has a length of its own: leave out the days", c.Scenario)
	bad(c.Start.Year() < 1971 || c.Start.Year() > 2100, "start %s: want a year from 1971 to 2100", c.Start.Format(time.RFC3339))
	bad(c.Uptime < 0, "uptime %s is negative", c.Uptime)
	return errors.Join(errs...)
}

// hosts is the number of workstations after scaling.
func (c Config) hosts() int { return max(1, int(float64(c.Hosts)*c.Scale+0.5)) }
