package health

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/flow"
)

// Config sizes a monitor. The zero value of a member stands for its default; thresholds are data of the faults' file.
type Config struct {
	Streams  int // exporters and domains watched, 8 kB each; further ones are counted and not watched
	Pairs    int // conversations remembered to tell directions and copies, 96 bytes each, rounded up to a power of two
	Findings int // open alerts, 1 kB each; beyond, new ones are counted and left out
	Forget   time.Duration
	Disabled []string // names of detectors that report nothing; "infra.*" names all that begin so. Faults are shown all the same.
}

// DefaultConfig is for at most 45 MB.
func DefaultConfig() Config {
	return Config{Streams: 4096, Pairs: 1 << 15, Findings: 4096, Forget: 24 * time.Hour}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	for _, p := range []struct {
		v *int
		d int
	}{{&c.Streams, d.Streams}, {&c.Pairs, d.Pairs}, {&c.Findings, d.Findings}} {
		if *p.v <= 0 {
			*p.v = p.d
		}
	}
	if c.Forget <= 0 {
		c.Forget = d.Forget
	}
	return c
}

// disabled tells whether a detector is switched off.
func (c *Config) disabled(name string) bool { return detect.Named(c.Disabled, name) }

// Deps is what a monitor works with.
type Deps struct {
	Symbols *flow.Symbols // of the names of interfaces; nil: vendors are not guessed by them
	Loads   Loads         // nil: interfaces are not compared with flows
	// Seed keys the hash of conversations, so that collisions cannot be crafted: 0 stands for a random one.
	Seed uint64
}

func (d *Deps) seed() (uint64, error) {
	if d.Seed != 0 {
		return d.Seed, nil
	}
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("seed of the hashes: %w", err)
	}
	return binary.BigEndian.Uint64(b[:]), nil
}
