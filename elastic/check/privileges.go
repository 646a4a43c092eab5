package check

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// privileges asks whether the user may do what shipping documents needs.
func (k *check) privileges(ctx context.Context) error {
	switch {
	case !k.server.Security:
		k.add(Note, "whoever reaches the server may read and delete everything")
		return nil
	case k.server.Product == client.OpenSearch:
		k.add(Note, "OpenSearch does not tell what a user may do: what is missing shows when documents are sent")
		return nil
	}
	var index []map[string]any
	for _, kind := range document.Kinds() {
		index = append(index, map[string]any{"names": []string{kind.Target(k.cfg.Namespace)}, "privileges": k.needed(kind)})
	}
	var r struct {
		All     bool                       `json:"has_all_requested"`
		Cluster map[string]bool            `json:"cluster"`
		Index   map[string]map[string]bool `json:"index"`
	}
	body := map[string]any{"cluster": []string{"monitor"}, "index": index}
	if err := k.client.JSON(ctx, http.MethodPost, "/_security/user/_has_privileges", body, &r); err != nil {
		return err
	}
	if r.All {
		k.add(OK, "user %s may send documents", k.server.User)
		return nil
	}
	if lacks := lacking(r.Cluster); len(lacks) > 0 {
		k.add(Wrong, "user %s lacks the cluster privilege %s", k.server.User, strings.Join(lacks, ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Index)) {
		if lacks := lacking(r.Index[name]); len(lacks) > 0 {
			k.add(Wrong, "user %s lacks the index privilege %s on %s", k.server.User, strings.Join(lacks, ", "), name)
		}
	}
	return nil
}

// needed are the privileges that the role for sending has on documents of a kind.
func (k *check) needed(kind document.Kind) []string {
	if kind == document.Alert {
		return assets.AlertPrivileges()
	}
	return assets.StreamPrivileges()
}

func lacking(have map[string]bool) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if !have[name] {
			list = append(list, name)
		}
	}
	return list
}
