//go:build cgo

package duckdb

import (
	"bytes"
	"slices"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/hostsums"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// pin is what a filter says of the addresses of all records that it selects.
type pin struct {
	side hostsums.Side // Self: either
	list []flow.Addr   // on that side; of either side one
}

// pinnedFor returns how a view is answered from sums of hosts, nil if it cannot: its filter names addresses, and neither it nor the groups tell
// apart more than these and the direction.
func pinnedFor(v *viewSQL, grains []int) *rolled {
	p, rest := pinOf(v.Node)
	if p == nil || !slices.Contains(grains, store.RollupHour) {
		return nil
	}
	r := &rolled{set: store.HostSums(), grains: []int{store.RollupHour}, pin: p}
	r.set.Columns = []string{"network_direction"}
	if !covers(&r.set, fieldsOf(filter.And(rest), nil)) {
		return nil
	}
	asked := r.set
	r.set.Columns = append(r.set.Columns, "source_ip_hi", "source_ip_lo")
	if p.side == hostsums.Destination {
		r.set.Columns = []string{"network_direction", "destination_ip_hi", "destination_ip_lo"}
	}
	if p.side != hostsums.Self {
		asked = r.set
	}
	if !covers(&asked, v.Groups) {
		return nil
	}
	return r
}

// pinOf returns what a filter says of addresses, and what it says besides; nil where it does not name them.
func pinOf(n filter.Node) (p *pin, rest []filter.Node) {
	list, ok := n.(filter.And)
	if !ok {
		list = filter.And{n}
	}
	for _, sub := range list {
		if p == nil {
			if p = pinOfOne(sub); p != nil {
				continue
			}
		}
		rest = append(rest, sub)
	}
	return p, rest
}

func pinOfOne(n filter.Node) *pin {
	c, ok := n.(filter.Compare)
	if !ok {
		return nil
	}
	side, ok := map[string]hostsums.Side{"source.ip": hostsums.Source, "destination.ip": hostsums.Destination, "related.ip": hostsums.Self}[c.Field.Name]
	if !ok {
		return nil
	}
	list := addressesOf(c)
	slices.SortFunc(list, func(a, b flow.Addr) int { return bytes.Compare(a[:], b[:]) })
	list = slices.Compact(list)
	if len(list) == 0 || side == hostsums.Self && len(list) > 1 {
		return nil
	}
	return &pin{side: side, list: list}
}
