package listen

import (
	"sync"
	"syscall"
)

// dropCounter widens the kernel's 32-bit counter of a socket, which wraps within an hour of a heavy flood.
type dropCounter struct {
	mu    sync.Mutex
	last  uint32
	total uint64
}

// update asks the kernel and returns the total; of a closed socket it is what was last seen.
func (d *dropCounter) update(raw syscall.RawConn) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n, ok := kernelDrops(raw); ok {
		d.total += uint64(n - d.last)
		d.last = n
	}
	return d.total
}
