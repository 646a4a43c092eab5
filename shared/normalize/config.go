package normalize

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Config says what is known about exporters and what is held to be impossible. Zero limits mean the defaults.
type Config struct {
	// Show leaves the exporters' times as they are: the [Clock] is not asked.
	Show bool
	// Overrides are sampling intervals that count instead of what exporters say.
	Overrides []Override
	// MaxFuture is how far the end of a flow may lie after its receipt.
	MaxFuture time.Duration
	// MaxDuration is the longest flow that is believed. Events of firewalls may be longer: they tell of connections.
	MaxDuration time.Duration
	// MaxRate is the most that a link carries, in bit/s of raw bytes over the flow's duration of at least a second.
	MaxRate float64
}

// Override is the sampling interval of exporters in a prefix, or of one of their domains. The longest prefix counts, and within it
// a domain's own.
type Override struct {
	Exporters netip.Prefix
	Domain    uint32
	HasDomain bool    // only for Domain
	Interval  float64 // N of 1:N, at least 1
}

// DefaultConfig returns the limits: a minute, a day, 1 Tbit/s.
func DefaultConfig() Config {
	return Config{MaxFuture: time.Minute, MaxDuration: 24 * time.Hour, MaxRate: 1e12}
}

func (c Config) withDefaults() (Config, error) {
	d := DefaultConfig()
	if c.MaxFuture < 0 || c.MaxDuration < 0 || c.MaxRate < 0 {
		return c, errors.New("normalize: negative limit")
	}
	if c.MaxFuture == 0 {
		c.MaxFuture = d.MaxFuture
	}
	if c.MaxDuration == 0 {
		c.MaxDuration = d.MaxDuration
	}
	if c.MaxRate == 0 {
		c.MaxRate = d.MaxRate
	}
	return c, checkOverrides(c.Overrides)
}

func checkOverrides(list []Override) error {
	for _, o := range list {
		if !o.Exporters.IsValid() || !(o.Interval >= 1) || math.IsInf(o.Interval, 0) {
			return fmt.Errorf("normalize: sampling 1:%g of exporter %s: want an address and at least 1", o.Interval, o.Exporters)
		}
	}
	return nil
}

// Clock estimates the clocks of exporters.
type Clock interface {
	// Observe learns from a datagram, and returns what is to be added to the times of its records. It is called once for each
	// datagram, in the order of its stream, by several goroutines.
	Observe(d *flow.Datagram) flow.ClockCorrection
}

// Deps is what a normalizer works with.
type Deps struct {
	Clock Clock // nil: exporters' clocks are believed
}
