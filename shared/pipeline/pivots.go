package pipeline

import (
	"fmt"
	"net/netip"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
)

// Pivots returns the links into other tools of a configuration, with the languages of those that filters can be put into. systems tells
// AS numbers; nil: none is known.
func Pivots(cfg config.Config, systems *geo.Locator) (*pivot.Set, error) {
	deps := pivot.Deps{Translators: pivot.Languages()}
	if systems != nil && systems.Enabled() {
		deps.ASN = func(ip netip.Addr) uint32 {
			r := systems.Acquire()
			defer systems.Release(r)
			return r.Place(flow.AddrFromNetip(ip)).ASN
		}
	}
	set, err := pivot.New(cfg.Pivots, deps)
	if err != nil {
		return nil, fmt.Errorf("pivots: %w", err)
	}
	return set, nil
}
