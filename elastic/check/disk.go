package check

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

const watermarks = "cluster.routing.allocation.disk."

// stages are the watermarks from the worst, and what they do.
var stages = []struct {
	name, does string
	level      Level
}{
	{"flood_stage", "its indices are made read-only", Wrong},
	{"high", "shards are moved away from it", Wrong},
	{"low", "no new shards are put on it, and new indices may not start", Wrong},
}

// disks compares the nodes' free space with the watermarks.
func (k *check) disks(ctx context.Context) error {
	if k.server.Serverless {
		return nil
	}
	settings, err := k.settings(ctx)
	if err != nil {
		return err
	}
	if settings[watermarks+"threshold_enabled"] == "false" {
		k.add(Note, "the disk watermarks are turned off: a full disk is not seen before writing fails")
		return nil
	}
	nodes, err := k.space(ctx)
	if err != nil {
		return err
	}
	full := false
	for _, n := range nodes {
		for _, s := range stages {
			need := required(settings, s.name, n.total)
			if n.total <= 0 || n.free >= need {
				continue
			}
			full = true
			k.add(s.level, "the disk of node %s is %d %% full, beyond the watermark %s: %s", n.name, 100-n.free*100/n.total, s.name, s.does)
			break
		}
	}
	if !full {
		k.add(OK, "the disks of all nodes are below the watermarks")
	}
	return nil
}

// node is the space of a node's disks, in bytes.
type node struct {
	name        string
	total, free int64
}

func (k *check) space(ctx context.Context) ([]node, error) {
	var r struct {
		Nodes map[string]struct {
			Name string `json:"name"`
			FS   struct {
				Total struct {
					Total     int64 `json:"total_in_bytes"`
					Available int64 `json:"available_in_bytes"`
				} `json:"total"`
			} `json:"fs"`
		} `json:"nodes"`
	}
	if err := k.client.JSON(ctx, http.MethodGet, "/_nodes/stats/fs", nil, &r); err != nil {
		return nil, err
	}
	var list []node
	for _, id := range slices.Sorted(maps.Keys(r.Nodes)) {
		n := r.Nodes[id]
		list = append(list, node{name: n.Name, total: n.FS.Total.Total, free: n.FS.Total.Available})
	}
	return list, nil
}

// settings returns the cluster's settings about disks: what was set last wins.
func (k *check) settings(ctx context.Context) (map[string]string, error) {
	var r struct{ Defaults, Persistent, Transient map[string]any }
	if err := k.client.JSON(ctx, http.MethodGet, "/_cluster/settings?include_defaults=true&flat_settings=true", nil, &r); err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, m := range []map[string]any{r.Defaults, r.Persistent, r.Transient} {
		for name, v := range m {
			if text, ok := v.(string); ok {
				all[name] = text
			}
		}
	}
	return all, nil
}

// required returns the bytes that a watermark wants free on a disk: a part of it, at most the head room, or bytes.
func required(settings map[string]string, stage string, total int64) int64 {
	mark := settings[watermarks+"watermark."+stage]
	part := -1.0
	if text, ok := strings.CutSuffix(mark, "%"); ok {
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			part = v / 100
		}
	} else if v, err := strconv.ParseFloat(mark, 64); err == nil {
		part = v
	}
	if part < 0 {
		return max(bytes(mark), 0)
	}
	need := int64((1 - part) * float64(total))
	if room := bytes(settings[watermarks+"watermark."+stage+".max_headroom"]); room > 0 {
		need = min(need, room)
	}
	return need
}

// units of sizes as the servers write them.
var units = []struct {
	name string
	size float64
}{{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"tb", 1 << 40}, {"pb", 1 << 50}, {"b", 1}}

// bytes reads a size such as 150gb; -1: it is none.
func bytes(text string) int64 {
	text = strings.ToLower(text)
	for _, u := range units {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			if v, err := strconv.ParseFloat(number, 64); err == nil {
				return int64(v * u.size)
			}
		}
	}
	return -1
}

// blocks looks for indices that a full disk has made read-only.
func (k *check) blocks(ctx context.Context) error {
	for _, kind := range document.Kinds() {
		target := kind.Target(k.cfg.Namespace)
		var r map[string]struct {
			Settings map[string]any `json:"settings"`
		}
		err := k.client.JSON(ctx, http.MethodGet, "/"+target+"/_settings/index.blocks.*?flat_settings=true&ignore_unavailable=true&allow_no_indices=true", nil, &r)
		if errors.Is(err, client.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		for _, index := range slices.Sorted(maps.Keys(r)) {
			for _, block := range []string{"index.blocks.read_only_allow_delete", "index.blocks.write", "index.blocks.read_only"} {
				if r[index].Settings[block] == "true" {
					k.add(Wrong, "%s takes no documents: %s is set on %s", target, block, index)
				}
			}
		}
	}
	return nil
}
