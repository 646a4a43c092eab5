package query

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// PathSettings is where the settings are: all of them by GET, several changes at a time by POST. A kind, or a kind and a name, may stand
// behind it.
const PathSettings = "/api/v1/config"

// PathVersions is where the versions of the settings are; a number may stand behind it, and /restore behind that.
const PathVersions = PathSettings + "/versions"

// Where settings come from.
const (
	SourceFile    = "file"     // weir.yaml
	SourceAPI     = "api"      // a change through the API
	SourceBuiltIn = "built-in" // of Weir
	SourceDefault = "default"  // weir.yaml does not say
)

// Setting is an entry of the configuration that can be changed while a collector runs.
type Setting struct {
	Kind    string `json:"kind"`    // inside, groups, exporters, policies, pivots
	Name    string `json:"name"`    // of exporters the CIDR
	Source  string `json:"source"`  // file, api, built-in, default
	Version int    `json:"version"` // of the settings, in which it was last changed; 0: not through the API
	// SetAside tells that there is one of this name from the API, too, which is not in force because weir.yaml has one.
	SetAside bool            `json:"set_aside"`
	Value    json.RawMessage `json:"value"` // as weir.yaml has it, in JSON
}

// Settings is all of them.
type Settings struct {
	Version  int       `json:"version"` // 0: nothing was ever changed through the API
	Settings []Setting `json:"settings"`
}

// SettingEdit is a change of an entry.
type SettingEdit struct {
	Kind  string          `json:"kind"`
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"` // null: it is removed
}

// SettingEdits are changes that are made together, or not at all.
type SettingEdits struct {
	Changes []SettingEdit `json:"changes"`
}

// SettingDifference is what a change made of an entry.
type SettingDifference struct {
	Kind   string          `json:"kind"`
	Name   string          `json:"name"`
	Before json.RawMessage `json:"before"` // null: there was none
	After  json.RawMessage `json:"after"`  // null: there is none
}

// When changes are in force.
const (
	AppliedNow          = "now"
	AppliedAfterRestart = "after restart" // kept, but the running collector could not take it
	AppliedNot          = "not"           // a dry run, or nothing is different
)

// SettingsChange is what came of a change.
type SettingsChange struct {
	Version int                 `json:"version"` // that it made; the current one where it made none
	DryRun  bool                `json:"dry_run"`
	Applied string              `json:"applied"` // now, after restart, not
	Changes []SettingDifference `json:"changes"` // empty: nothing is different
}

// SettingsVersion is a version of the settings and how it came about.
type SettingsVersion struct {
	Version int                 `json:"version"`
	Time    time.Time           `json:"time"`
	Token   string              `json:"token"`   // name of the token of who made it; "": none was needed
	Address string              `json:"address"` // of who made it
	Action  string              `json:"action"`  // in words: put groups/web, restore 3
	Changes []SettingDifference `json:"changes"`
	// Settings are all that came from the API in this version; null in lists of versions.
	Settings []SettingEdit `json:"settings"`
}

// SettingOptions are conditions of a change.
type SettingOptions struct {
	IfMatch string // version tag (ETag) that what is changed must have; "": any
	IfNone  bool   // what is changed must not be there
	DryRun  bool   // nothing is changed
}

// Setting returns an entry and its version tag, for [SettingOptions].
func (c *Client) Setting(ctx context.Context, kind, name string) (s Setting, tag string, err error) {
	err = c.settings(ctx, settingsRequest{method: http.MethodGet, path: settingPath(kind, name)}, func(r *http.Response) error {
		tag = r.Header.Get("ETag")
		return json.NewDecoder(r.Body).Decode(&s)
	})
	return s, tag, err
}

// Settings returns all entries, and their version tag.
func (c *Client) Settings(ctx context.Context) (s Settings, tag string, err error) {
	err = c.settings(ctx, settingsRequest{method: http.MethodGet, path: PathSettings}, func(r *http.Response) error {
		tag = r.Header.Get("ETag")
		return json.NewDecoder(r.Body).Decode(&s)
	})
	return s, tag, err
}

// PutSetting makes an entry, or replaces it.
func (c *Client) PutSetting(ctx context.Context, kind, name string, value json.RawMessage, o SettingOptions) (SettingsChange, error) {
	return c.changeSettings(ctx, http.MethodPut, settingPath(kind, name), value, o)
}

// DeleteSetting removes an entry.
func (c *Client) DeleteSetting(ctx context.Context, kind, name string, o SettingOptions) (SettingsChange, error) {
	return c.changeSettings(ctx, http.MethodDelete, settingPath(kind, name), nil, o)
}

// EditSettings changes several entries together.
func (c *Client) EditSettings(ctx context.Context, edits SettingEdits, o SettingOptions) (SettingsChange, error) {
	body, err := json.Marshal(edits)
	if err != nil {
		return SettingsChange{}, fmt.Errorf("write changes: %w", err)
	}
	return c.changeSettings(ctx, http.MethodPost, PathSettings, body, o)
}

// SettingsVersions returns the versions that are kept, newest first.
func (c *Client) SettingsVersions(ctx context.Context) (list []SettingsVersion, err error) {
	err = c.settings(ctx, settingsRequest{method: http.MethodGet, path: PathVersions}, func(r *http.Response) error { return json.NewDecoder(r.Body).Decode(&list) })
	return list, err
}

// SettingsVersion returns a version with its settings.
func (c *Client) SettingsVersion(ctx context.Context, version int) (v SettingsVersion, err error) {
	err = c.settings(ctx, settingsRequest{method: http.MethodGet, path: PathVersions + "/" + strconv.Itoa(version)}, func(r *http.Response) error { return json.NewDecoder(r.Body).Decode(&v) })
	return v, err
}

// RestoreSettings makes the settings what they were in a version.
func (c *Client) RestoreSettings(ctx context.Context, version int, o SettingOptions) (SettingsChange, error) {
	return c.changeSettings(ctx, http.MethodPost, PathVersions+"/"+strconv.Itoa(version)+"/restore", nil, o)
}

func settingPath(kind, name string) string {
	if kind == "inside" {
		return PathSettings + "/inside"
	}
	return PathSettings + "/" + url.PathEscape(kind) + "/" + url.PathEscape(name)
}

func (c *Client) changeSettings(ctx context.Context, method, path string, body []byte, o SettingOptions) (change SettingsChange, err error) {
	err = c.settings(ctx, settingsRequest{method, path, body, o}, func(r *http.Response) error { return json.NewDecoder(r.Body).Decode(&change) })
	return change, err
}

// settingsRequest is what is asked of settings.
type settingsRequest struct {
	method, path string
	body         []byte
	options      SettingOptions
}

// settings asks for settings, or changes them.
func (c *Client) settings(ctx context.Context, r settingsRequest, read func(*http.Response) error) error {
	path, o := r.path, r.options
	if o.DryRun {
		path += "?dry_run=true"
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+path, bytes.NewReader(r.body))
	if err != nil {
		return fmt.Errorf("ask collector: %w", err)
	}
	req.Header.Set("Content-Type", TypeJSON)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if o.IfMatch != "" {
		req.Header.Set("If-Match", o.IfMatch)
	}
	if o.IfNone {
		req.Header.Set("If-None-Match", "*")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask collector: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return failureOf(res)
	}
	if err := read(res); err != nil {
		return fmt.Errorf("read answer of %s: %w", path, err)
	}
	return nil
}
