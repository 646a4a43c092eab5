package modinput

import (
	"os"

	"golang.org/x/sys/windows"
)

// Parent tells whether the process that started this one is still there.
type Parent struct{ handle windows.Handle } // 0: it cannot be watched

// NewParent takes note of who started this process.
func NewParent() *Parent {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(os.Getppid()))
	if err != nil {
		return &Parent{}
	}
	return &Parent{h}
}

// Gone tells whether it has ended.
func (p *Parent) Gone() bool {
	if p.handle == 0 {
		return false
	}
	event, err := windows.WaitForSingleObject(p.handle, 0)
	return err == nil && event == windows.WAIT_OBJECT_0
}
