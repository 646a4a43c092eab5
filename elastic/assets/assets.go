// Package assets makes what a server of Elasticsearch or OpenSearch must have before documents go to it: component templates, index
// templates, policies of lifecycles, and roles. Mappings come from the tables of elastic/document.
package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// Version is the version of all assets. It grows with each change of a mapping or setting that servers must learn of.
const Version = 1

// priority of the templates; Elasticsearch's own for logs-*-* and metrics-*-* have 100, its integrations' 200.
const priority = 250

// Lifecycle says who deletes old documents.
type Lifecycle string

// Lifecycles.
const (
	Auto   Lifecycle = "auto"   // the first of ILM, Stream and ISM that the server has
	ILM    Lifecycle = "ilm"    // index lifecycle management
	ISM    Lifecycle = "ism"    // OpenSearch's index state management
	Stream Lifecycle = "stream" // the data streams' own
	None   Lifecycle = "none"   // nobody
)

// Options are the choices that users have.
type Options struct {
	Lifecycle Lifecycle // "": Auto
	Shards    int       // of an index; 0: 1
	Replicas  int       // copies of a shard; -1: one where there are two nodes
	LogsDB    bool      // index mode logsdb for flows and sessions
	Retention map[document.Kind]time.Duration
}

// Type is a type of assets.
type Type string

// Types, in the order in which they are installed.
const (
	Policy    Type = "policy"
	Component Type = "component template"
	Template  Type = "index template"
)

// Asset is something that a server must have.
type Asset struct {
	Type Type
	Name string
	Path string // where it is put and found
	File string // its name among exported files, with folder
	Body map[string]any
	// Custom is the user's: it is made once, empty, and never changed.
	Custom bool
}

// Digest tells asset bodies apart, whatever made them.
func (a *Asset) Digest() string { return digest(a.Body) }

func digest(body any) string {
	text, err := json.Marshal(body) // maps are sorted
	if err != nil {
		panic(fmt.Sprintf("assets: %v", err)) // maps, texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Meta marks what is Weir's: the assets' version, and what made them differ within it.
type Meta struct {
	ManagedBy string `json:"managed_by"`
	Version   int    `json:"version"`
	Digest    string `json:"digest"`
}

// ours is Meta.ManagedBy of what this package makes.
const ours = "weir"

// Ours tells whether something was made by Weir.
func (m Meta) Ours() bool { return m.ManagedBy == ours }

// MetaOf reads a mark out of decoded or encoded JSON; one that is none is nobody's.
func MetaOf(v any) (m Meta) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return Meta{}
	}
	return m
}

// meta describes a body that does not hold it yet.
func meta(body any) map[string]any {
	return map[string]any{"managed_by": ours, "version": Version, "digest": digest(body)}
}

// For returns the assets for a server in the order in which they are installed. Equal options give equal assets.
func For(s client.Server, o Options) ([]Asset, error) {
	l, err := resolve(s, o.Lifecycle)
	if err != nil {
		return nil, err
	}
	if o.LogsDB && !s.LogsDB {
		return nil, fmt.Errorf("logsdb needs Elasticsearch 8.17 or newer, and this is %s", s)
	}
	o.Lifecycle, o.Shards = l, max(o.Shards, 1)
	b := builder{server: s, options: o}
	var list []Asset
	for _, t := range []func(document.Kind) []Asset{b.policy, b.components, b.template} {
		for _, kind := range document.Kinds() {
			list = append(list, t(kind)...)
		}
	}
	return list, nil
}

func resolve(s client.Server, l Lifecycle) (Lifecycle, error) {
	has := map[Lifecycle]bool{ILM: s.ILM, ISM: s.ISM, Stream: s.Lifecycle, None: true}
	if l == "" || l == Auto {
		for _, l = range []Lifecycle{ILM, Stream, ISM} {
			if has[l] {
				return l, nil
			}
		}
		return None, nil
	}
	if !has[l] {
		return l, fmt.Errorf("lifecycle %s: %s does not have it", l, s)
	}
	return l, nil
}

// Chosen is the lifecycle that assets for a server use.
func Chosen(s client.Server, o Options) Lifecycle {
	l, _ := resolve(s, o.Lifecycle) // what is wrong For says
	return l
}

// Name is the name of the templates and the policy of a kind of documents.
func Name(kind document.Kind) string { return "weir-" + kind.String() }

// Pattern is what the names of all data streams of a kind match, whatever the namespace.
func Pattern(kind document.Kind) string { return kind.Target("*") }
