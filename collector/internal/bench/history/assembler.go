package history

import (
	"context"
	"time"
)

// assembler fills portions with the records of datagrams.
type assembler struct {
	ctx   context.Context // of the one run that it serves
	maker *maker
	empty <-chan *portion
	full  chan<- *portion
	p     *portion // being filled; nil: the next is to be taken
}

// datagram implements [Emit].
func (a *assembler) datagram(exporter int, at time.Time, payload []byte) error {
	if err := a.take(); err != nil {
		return err
	}
	if err := a.maker.decode(a.p, exporter, at, payload); err != nil {
		return err
	}
	if len(a.p.records.Datagrams) < datagramsPerBatch {
		return nil
	}
	return a.pass()
}

// end passes on what there is, or an empty portion, as the last of an hour.
func (a *assembler) end(hour int) error {
	if err := a.take(); err != nil {
		return err
	}
	a.p.ends, a.p.hour = true, hour
	return a.pass()
}

func (a *assembler) take() error {
	if a.p != nil {
		return nil
	}
	select {
	case a.p = <-a.empty:
		a.p.records.Reset()
		a.p.ends = false
		return nil
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
}

func (a *assembler) pass() error {
	a.maker.finish(a.p)
	select {
	case a.full <- a.p:
		a.p = nil
		return nil
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
}
