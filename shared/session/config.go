package session

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Config says how records belong together and how much memory that may take. The zero value of a member stands for its default.
type Config struct {
	// ActiveTimeout and InactiveTimeout are the longest of the exporters: a session is kept open for both after its last
	// packet, as its next piece is exported only when it ends.
	ActiveTimeout, InactiveTimeout time.Duration
	// Shuffle is by how much the arrival of records may be out of order without changing the sessions.
	Shuffle time.Duration
	// TellEvery is how often at most a session that grows is told of. One that doubles and is over 1 MiB is told of at once.
	TellEvery time.Duration
	// Sessions caps the sessions kept, about 320 bytes each; beyond, the one longest without a packet is truncated: of those
	// with little traffic first.
	Sessions int
	// Held caps the records held to be put in order, 180 bytes each; beyond, the oldest are taken early.
	Held int
	// Servers caps the server endpoints learned, 48 bytes each, rounded down to a power of two; beyond, those longest without a
	// client are forgotten.
	Servers int
}

// DefaultConfig suits exporters with an active timeout of 60 s; its tables take about 300 MB at their caps.
func DefaultConfig() Config {
	return Config{
		ActiveTimeout: time.Minute, InactiveTimeout: 15 * time.Second, Shuffle: 10 * time.Second, TellEvery: time.Minute,
		Sessions: 500_000, Held: 1 << 19, Servers: 1 << 18,
	}
}

func (c Config) withDefaults() (Config, error) {
	d := DefaultConfig()
	c.ActiveTimeout = orDefault(c.ActiveTimeout, d.ActiveTimeout)
	c.InactiveTimeout = orDefault(c.InactiveTimeout, d.InactiveTimeout)
	c.Shuffle = orDefault(c.Shuffle, d.Shuffle)
	c.TellEvery = orDefault(c.TellEvery, d.TellEvery)
	c.Sessions = orDefault(c.Sessions, d.Sessions)
	c.Held = orDefault(c.Held, d.Held)
	c.Servers = orDefault(c.Servers, d.Servers)
	switch {
	case min(c.ActiveTimeout, c.InactiveTimeout, c.Shuffle, c.TellEvery) < 0:
		return c, errors.New("session: a duration is negative")
	case max(c.InactiveTimeout, c.Shuffle) > maxHold/4:
		return c, fmt.Errorf("session: inactive timeout and shuffle may be at most %v", maxHold/4)
	case min(c.Sessions, c.Held, c.Servers) < 1:
		return c, errors.New("session: a cap is negative")
	case max(c.Sessions, c.Held, c.Servers) > 1<<30:
		return c, errors.New("session: a cap is over 2^30")
	}
	return c, nil
}

func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// Deps is what a table works with; every member may be left out.
type Deps struct {
	// Tell is called for sessions told of, some at a time, in place of keeping them for [Table.Changes]; they are valid during the
	// call. Before [Table.Observe], [Table.Advance] and [Table.Flush] return it has been called for all.
	Tell func(Told)
	// Service tells whether a port is that of a known service, beyond those below 1024 and the common ones built in.
	Service func(protocol uint8, port uint16) bool
	// Secret keys the hash tables, so that collisions cannot be crafted: zero stands for a random one. Sessions and their
	// ids do not depend on it.
	Secret [16]byte
}

func (d Deps) seed() (uint64, error) {
	if d.Secret == ([16]byte{}) {
		if _, err := rand.Read(d.Secret[:]); err != nil {
			return 0, fmt.Errorf("session: secret of the hash tables: %w", err)
		}
	}
	return binary.LittleEndian.Uint64(d.Secret[:8]) ^ binary.LittleEndian.Uint64(d.Secret[8:]), nil
}
