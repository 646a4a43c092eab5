package setup

import (
	"fmt"
	"path"
	"strings"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
)

// readme says how the files are put by hand, in an order that works.
func readme(s client.Server, list []assets.Asset, alias string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Templates for %s

Made by weir-elastic setup --export for %s; assets of version %d. Put them in this order:

`+"```sh\nes=https://search.example.net:9200\nput() { curl --fail-with-body -sS -u \"$user\" --cacert ca.pem -H 'Content-Type: application/json' -X PUT \"$es$1\" --data-binary \"@$2\"; echo; }\n", s.Product, s, assets.Version)
	for _, a := range list {
		note := ""
		if a.Custom {
			note = " # yours: once, do not overwrite it later"
		}
		fmt.Fprintf(&b, "put %s %s%s\n", a.Path, a.File, note)
	}
	fmt.Fprintf(&b, "put /%s-000001 indices/%s-000001.json # once\n", alias, alias)
	b.WriteString("```\n\nAfter an upgrade roll existing data streams over (`POST /logs-weir.flow-default/_rollover` and so on), and put the mappings of the index of\nalerts (`PUT /" + alias + "/_mapping` with what component-templates/weir-alert@mappings.json has below template.mappings, without dynamic and\ndate_detection).\n\n`main.tf` does the first part with Terraform.\n\n## Roles\n\n")
	for _, r := range assets.Roles(s) {
		fmt.Fprintf(&b, "- `%s`, for %s: `PUT %s` with `%s`", r.Name, r.For, r.Path, r.File)
		if s.Product == client.Elasticsearch {
			fmt.Fprintf(&b, "; or an API key: `POST /_security/api_key` with `%s`", path.Join("security", "api-key-"+r.Name+".json"))
		}
		b.WriteString(".\n")
	}
	return b.String()
}

// terraform reads the files, so that it needs no change when they change.
func terraform(s client.Server, alias string, l assets.Lifecycle) string {
	if s.Product == client.OpenSearch {
		return strings.ReplaceAll(openSearchTerraform, "ALIAS", alias)
	}
	text := strings.ReplaceAll(elasticTerraform, "ALIAS", alias)
	if l == assets.ILM {
		text += ilmTerraform
	}
	return text
}

const elasticTerraform = `terraform {
  required_providers {
    elasticstack = { source = "elastic/elasticstack" }
  }
}

# Its address and credentials come from ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_API_KEY and so on.
provider "elasticstack" {
  elasticsearch {}
}

locals {
  components = { for f in fileset(path.module, "component-templates/*.json") : trimsuffix(basename(f), ".json") => jsondecode(file("${path.module}/${f}")) }
  templates  = { for f in fileset(path.module, "index-templates/*.json") : trimsuffix(basename(f), ".json") => jsondecode(file("${path.module}/${f}")) }
}

resource "elasticstack_elasticsearch_component_template" "weir" {
  for_each = local.components
  name     = each.key
  version  = lookup(each.value, "version", null)
  metadata = jsonencode(lookup(each.value, "_meta", {}))
  template {
    mappings = can(each.value.template.mappings) ? jsonencode(each.value.template.mappings) : null
    settings = can(each.value.template.settings) ? jsonencode(each.value.template.settings) : null
  }
}

resource "elasticstack_elasticsearch_index_template" "weir" {
  for_each       = local.templates
  name           = each.key
  index_patterns = each.value.index_patterns
  priority       = each.value.priority
  composed_of    = each.value.composed_of
  version        = each.value.version
  metadata       = jsonencode(each.value._meta)
  dynamic "data_stream" {
    for_each = can(each.value.data_stream) ? [1] : []
    content {}
  }
  dynamic "template" {
    for_each = { for l in [try(local.components["${each.key}@settings"].template.lifecycle.data_retention, null)] : "keep" => l if l != null }
    content {
      lifecycle {
        data_retention = template.value
      }
    }
  }
  depends_on = [elasticstack_elasticsearch_component_template.weir]
}

resource "elasticstack_elasticsearch_index" "alerts" {
  name                = "ALIAS-000001"
  deletion_protection = true
  alias {
    name           = "ALIAS"
    is_write_index = true
  }
  depends_on = [elasticstack_elasticsearch_index_template.weir]
}
`

const ilmTerraform = `
locals {
  policies = { for f in fileset(path.module, "ilm-policies/*.json") : trimsuffix(basename(f), ".json") => jsondecode(file("${path.module}/${f}")).policy }
}

resource "elasticstack_elasticsearch_index_lifecycle" "weir" {
  for_each = local.policies
  name     = each.key
  metadata = jsonencode(each.value._meta)
  hot {
    rollover {
      max_age                = each.value.phases.hot.actions.rollover.max_age
      max_primary_shard_size = each.value.phases.hot.actions.rollover.max_primary_shard_size
    }
  }
  dynamic "delete" {
    for_each = can(each.value.phases.delete) ? [each.value.phases.delete.min_age] : []
    content {
      min_age = delete.value
      delete {}
    }
  }
}
`

const openSearchTerraform = `terraform {
  required_providers {
    opensearch = { source = "opensearch-project/opensearch" }
  }
}

# Its address and credentials come from OPENSEARCH_URL, OPENSEARCH_USERNAME and so on.
provider "opensearch" {}

resource "opensearch_component_template" "weir" {
  for_each = fileset(path.module, "component-templates/*.json")
  name     = trimsuffix(basename(each.key), ".json")
  body     = file("${path.module}/${each.key}")
}

resource "opensearch_composable_index_template" "weir" {
  for_each   = fileset(path.module, "index-templates/*.json")
  name       = trimsuffix(basename(each.key), ".json")
  body       = file("${path.module}/${each.key}")
  depends_on = [opensearch_component_template.weir]
}

resource "opensearch_ism_policy" "weir" {
  for_each  = fileset(path.module, "ism-policies/*.json")
  policy_id = trimsuffix(basename(each.key), ".json")
  body      = file("${path.module}/${each.key}")
}

resource "opensearch_index" "alerts" {
  name       = "ALIAS-000001"
  aliases    = jsonencode({ "ALIAS" = { is_write_index = true } })
  depends_on = [opensearch_composable_index_template.weir]
}
`
