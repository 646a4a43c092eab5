package assets

import "github.com/weirflow/weir/elastic/client"

// Role is a role with the least privileges for a purpose.
type Role struct {
	Name string
	For  string // a sentence
	Path string // where it is put
	File string
	Body map[string]any
}

// streams are the names of all data streams; alerts those of the index of alerts, its alias included.
var (
	streams = []string{"logs-weir.*", "metrics-weir.*"}
	alerts  = []string{"weir-alerts-*"}
)

// Roles returns the roles for a server: for setup, for what ships documents, and for who asks.
func Roles(s client.Server) []Role {
	if s.Product == client.OpenSearch {
		return openSearchRoles()
	}
	both := append(append([]string{}, streams...), alerts...)
	setup := []string{"monitor", "manage_index_templates"}
	if s.ILM {
		setup = append(setup, "manage_ilm")
	}
	return []Role{
		role("weir_setup", "weir-elastic setup and check", setup, index(both, "manage", "view_index_metadata")),
		role("weir_writer", "weir-elastic run and the collector", []string{"monitor"},
			index(streams, StreamPrivileges()...), index(alerts, AlertPrivileges()...)),
		role("weir_reader", "questions, dashboards and rules", []string{"monitor"}, index(both, "read", "view_index_metadata")),
	}
}

// StreamPrivileges are what sending needs on data streams.
func StreamPrivileges() []string {
	return []string{"auto_configure", "create_doc", "view_index_metadata"}
}

// AlertPrivileges are what sending needs on the index of alerts, from which it deletes old ones.
func AlertPrivileges() []string { return []string{"delete", "index", "read", "view_index_metadata"} }

func index(names []string, privileges ...string) map[string]any {
	return map[string]any{"names": names, "privileges": privileges}
}

func role(name, purpose string, cluster []string, indices ...map[string]any) Role {
	return Role{
		Name: name, For: purpose, Path: "/_security/role/" + name, File: "security/" + name + ".json",
		Body: map[string]any{"cluster": cluster, "indices": indices},
	}
}

// APIKey returns the body of the request that makes an API key with a role's privileges (POST /_security/api_key).
func APIKey(r Role) map[string]any {
	return map[string]any{"name": r.Name, "role_descriptors": map[string]any{r.Name: r.Body}}
}

func openSearchRoles() []Role {
	grant := func(name, purpose string, cluster []string, indices ...map[string]any) Role {
		return Role{
			Name: name, For: purpose, Path: "/_plugins/_security/api/roles/" + name, File: "security/" + name + ".json",
			Body: map[string]any{"cluster_permissions": cluster, "index_permissions": indices},
		}
	}
	on := func(names []string, actions ...string) map[string]any {
		return map[string]any{"index_patterns": names, "allowed_actions": actions}
	}
	both := append(append([]string{}, streams...), alerts...)
	backing := append([]string{".ds-logs-weir.*", ".ds-metrics-weir.*"}, both...)
	monitor := "cluster_monitor"
	return []Role{
		grant("weir_setup", "weir-elastic setup and check", []string{
			monitor, "cluster:admin/component_template/*", "indices:admin/index_template/*", "cluster:admin/opendistro/ism/policy/*",
		}, on(backing, "indices_all")),
		grant("weir_writer", "weir-elastic run and the collector", []string{monitor, "indices:data/write/bulk"},
			on(backing, "create_index", "indices:admin/data_stream/create", "indices:data/write/index", "indices:data/write/bulk*", "indices:admin/mapping/put", "indices:admin/mappings/get"),
			on(alerts, "indices:data/write/delete", "indices:data/read/get", "indices:data/read/mget*", "indices:data/read/search")),
		grant("weir_reader", "questions, dashboards and rules", []string{monitor, "indices:data/read/scroll*", "indices:data/read/point_in_time/*"},
			on(backing, "read", "indices:admin/mappings/get", "indices:admin/aliases/get", "indices:data/read/point_in_time/*", "indices:monitor/stats")),
	}
}
