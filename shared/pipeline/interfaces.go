package pipeline

import (
	"context"
	"slices"

	"github.com/weirflow/weir/shared/interfaces"
)

// InterfaceTeller is a detector that measures interfaces. It calls tell for the minutes that changed; where tell returns false there was
// no room, and they are told again later. The list is valid during the call. FlushInterfaces tells what has not been told.
type InterfaceTeller interface {
	TellInterfaces(tell func([]interfaces.Minute) bool)
	FlushInterfaces()
}

// tellInterfaces passes minutes on. Where the sink is too slow a replay waits, and live traffic tries again later.
func (p *Pipeline) tellInterfaces(list []interfaces.Minute) bool {
	it := item{minutes: slices.Clone(list)}
	if p.cfg.Blocking {
		p.sinkq <- it
		return true
	}
	select {
	case p.sinkq <- it:
		return true
	default:
		return false
	}
}

// flushInterfaces passes on what is left when the pipeline stops.
func (p *Pipeline) flushInterfaces() {
	if t, ok := p.deps.Detector.(InterfaceTeller); ok && p.deps.Minutes != nil {
		t.FlushInterfaces()
	}
}

func (p *Pipeline) writeInterfaces(ctx context.Context, list []interfaces.Minute) {
	if err := p.deps.Minutes.WriteInterfaces(ctx, list); err != nil {
		p.minuteErrors.Add(uint64(len(list)))
		p.muted.warn("minutes of interfaces not stored", err, nil)
	}
}
