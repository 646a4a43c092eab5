//go:build unix

package modinput

import "os"

// Parent tells whether the process that started this one is still there.
type Parent struct{ pid int }

// NewParent takes note of who started this process.
func NewParent() *Parent { return &Parent{os.Getppid()} }

// Gone tells whether it has ended: orphans get another parent.
func (p *Parent) Gone() bool { return os.Getppid() != p.pid }
