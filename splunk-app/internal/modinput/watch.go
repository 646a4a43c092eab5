package modinput

import (
	"io"
	"time"
)

// HeldAfter is how long standard input must have been open behind the configuration to be held open by someone: its end then ends the input.
// splunkd closes it at once; an input that reads to the end of it could not begin before.
const HeldAfter = 5 * time.Second

// Watch reads in to its end, and tells of it only if it came later than after receives. held is called when that time has come and in is still open.
func Watch(in io.Reader, after <-chan time.Time, held func()) (ended <-chan struct{}) {
	end, out := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(end)
		_, _ = io.Copy(io.Discard, in) // however it ends, it has ended
	}()
	go func() {
		select {
		case <-end:
			return
		case <-after:
		}
		held()
		<-end
		close(out)
	}()
	return out
}
