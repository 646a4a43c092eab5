package pivot

import (
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Languages returns the languages of other tools that filters on records can be put into.
func Languages() Translators {
	reg := flow.NewRegistry()
	from := func(write func(filter.Node) string) Translate {
		return func(text string) (string, error) {
			n, err := filter.Parse(text, reg)
			if err != nil {
				return "", err
			}
			return write(n), nil
		}
	}
	return Translators{KQL: from(filter.Node.String), SPL: from(filter.SPL)}
}
