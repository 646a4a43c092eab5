package behavior

import (
	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/flow"
)

// contacts remembers who talked to whom, for one to two times contactTime or until it is full: what a detector counts once, it
// asks here. A stranger is taken for known with a probability below 0.5 %, so counts are a little low, never high.
type contacts struct {
	hasher sketch.Hasher
	set    *sketch.Rotating
	rotate int64
	early  uint64 // generations that ended early because they were full
}

const (
	millisecond = int64(1e6)
	second      = int64(1e9)
	minute      = 60 * second
	hour        = 60 * minute
	contactTime = hour
)

// Kinds of contacts.
const (
	byEndpoint uint64 = iota + 1 // client, server, port
	byHost                       // client, server
	byPort                       // client, port
	byLogin                      // client, server, service, remembered for longer
	bySender                     // sender of what was not asked for, receiver
	deadServer                   // server and port that do not answer
)

func newContacts(size int, secret [16]byte) contacts {
	return contacts{hasher: sketch.NewHasher(secret), set: sketch.NewRotating(size)}
}

// first tells whether a contact is new, and remembers it.
func (c *contacts) first(hash uint64) bool {
	known := c.set.Has(hash)
	if c.set.Full() {
		c.early++
		c.set.Rotate()
	}
	c.set.Add(hash)
	return !known
}

// pass lets time pass.
func (c *contacts) pass(now, every int64) {
	if c.rotate == 0 {
		c.rotate = now + every
	}
	for ; c.rotate <= now; c.rotate += every {
		c.set.Rotate()
	}
}

func (c *contacts) hash(kind uint64, a, b flow.Addr, port uint16) uint64 {
	ah, al := a.Words()
	bh, bl := b.Words()
	return c.hasher.Sum5(ah, al, bh, bl, kind<<16|uint64(port))
}
