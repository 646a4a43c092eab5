package filtertest

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Difference compares what a back end selected of a batch, by event.id, with what [Match] selects. It returns "" or a
// description of the first record that differs.
func Difference(n filter.Node, b *flow.Batch, reg *flow.Registry, selected map[flow.EventID]bool) string {
	for i := range b.Records {
		r := &b.Records[i]
		want := Match(n, b, r)
		if selected[r.ID] == want {
			continue
		}
		var values []string
		for _, name := range filter.Fields(n) {
			values = append(values, describe(b, r, reg.Lookup(name)))
		}
		return fmt.Sprintf("filter %s\nrecord %s: selected %v, should be %v\n%s", n, r.ID, selected[r.ID], want, strings.Join(values, "\n"))
	}
	return ""
}
