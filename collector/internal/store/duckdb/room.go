//go:build cgo

package duckdb

import (
	"context"

	"golang.org/x/sync/semaphore"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// unitOfRoom is the memory that a question of weight 1 is taken to use, in bytes. DuckDB has one limit for all, and a question that goes
// beyond it takes the writer's last block as well as its own: so questions that hold much wait for each other.
const unitOfRoom = 32 << 20

// weight is how much of the memory limit something may use at a time, in units of room.
type weight int64

const (
	weightless   weight = 0 // reads a few rows: never waits
	weighsLittle weight = 1 // some thousand groups
	weighsPages  weight = 2 // reads row groups in all columns
	weighsHosts  weight = 3 // a group for each address
	weighsPairs  weight = 5 // a group for each pair of addresses, or more
	weighsAll    weight = 1 << 40
)

// room is what questions and sealing share.
type room struct {
	units weight
	held  *semaphore.Weighted
}

func newRoom(cfg store.Config) room {
	n := max(1, weight(cfg.MemoryLimit/unitOfRoom))
	return room{units: n, held: semaphore.NewWeighted(int64(n))}
}

// take waits until there is room; the function returned gives it back.
func (r *room) take(ctx context.Context, w weight) (func(), error) {
	n := int64(min(w, r.units))
	if n == 0 {
		return func() {}, nil
	}
	if err := r.held.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { r.held.Release(n) }, nil
}

// weightOf is the weight of an aggregate question: what counts is how many groups there may be.
func weightOf(p *query.Plan) weight {
	wide := 0
	for _, f := range p.Groups {
		if f.Kind == flow.KindIP && f.Name != "observer.ip" || f.Kind == flow.KindMAC {
			wide++
		}
	}
	for i := range p.Lanes {
		if p.Lanes[i].Measure == query.Distinct {
			wide++
		}
	}
	switch wide {
	case 0:
		return weighsLittle
	case 1:
		return weighsHosts
	}
	return weighsPairs
}
