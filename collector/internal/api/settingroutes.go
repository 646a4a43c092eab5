package api

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/weirflow/weir/collector/internal/settings"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// settingKinds are the parts of the configuration that can be changed, with what stands behind their path and the type of their values.
var settingKinds = []struct {
	kind   config.SettingKind
	path   string // behind that of the settings
	title  string // of operations
	entry  string // in words
	values reflect.Type
}{
	{config.InsideSetting, "/inside", "Inside", "the inside networks", reflect.TypeFor[config.InsideValue]()},
	{config.GroupSetting, "/groups/{name}", "Group", "a traffic group", reflect.TypeFor[config.GroupValue]()},
	{config.ExporterSetting, "/exporters/{name}", "Exporter", "what is known of an exporter", reflect.TypeFor[config.ExporterValue]()},
	{config.PolicySetting, "/policies/{name}", "Policy", "a policy", reflect.TypeFor[config.PolicyValue]()},
	{config.PivotSetting, "/pivots/{name}", "Pivot", "a link into another tool", reflect.TypeFor[config.PivotValue]()},
}

// paramDryRun is the parameter of changes that are only checked.
const paramDryRun = "dry_run"

// settingRoutes are the routes of single settings, of changes of several, and of versions.
func (h *handler) settingRoutes() (list []route) {
	change := reflect.TypeFor[query.SettingsChange]()
	for _, k := range settingKinds {
		path := query.PathSettings + k.path
		list = append(list,
			route{method: "GET", path: path, name: "get" + k.title, summary: "One of the settings: " + k.entry, gives: reflect.TypeFor[query.Setting](), media: query.TypeJSON, serve: h.getSetting(k.kind)},
			route{method: "PUT", path: path, name: "put" + k.title, summary: "Make or replace " + k.entry + " (scope admin)", asks: k.values, gives: change, media: query.TypeJSON, changes: true, serve: h.putSetting(k.kind)},
			route{method: "DELETE", path: path, name: "delete" + k.title, summary: "Remove " + k.entry + " (scope admin)", gives: change, media: query.TypeJSON, changes: true, serve: h.deleteSetting(k.kind)},
		)
	}
	list = append(list,
		route{method: "GET", path: query.PathSettings, name: "settings", summary: "All settings that can be changed, and their version", gives: reflect.TypeFor[query.Settings](), media: query.TypeJSON, serve: h.allSettings},
		route{method: "POST", path: query.PathSettings, name: "editSettings", summary: "Several changes of settings, all of them or none (scope admin)", asks: reflect.TypeFor[query.SettingEdits](), gives: change, media: query.TypeJSON, changes: true, serve: h.editSettings},
		route{method: "GET", path: query.PathVersions, name: "settingsVersions", summary: "Versions of the settings, newest first", gives: reflect.TypeFor[[]query.SettingsVersion](), media: query.TypeJSON, serve: h.settingsVersions},
		route{method: "GET", path: query.PathVersions + "/{version}", name: "settingsVersion", summary: "A version with its settings", gives: reflect.TypeFor[query.SettingsVersion](), media: query.TypeJSON, serve: h.settingsVersion},
		route{method: "POST", path: query.PathVersions + "/{version}/restore", name: "restoreSettings", summary: "Make the settings what they were in a version (scope admin)", gives: change, media: query.TypeJSON, changes: true, serve: h.restoreSettings},
	)
	for i := range list {
		if list[i].changes {
			list[i].params = []string{paramDryRun}
		}
		if h.deps.Settings == nil {
			list[i].serve = nil
		}
	}
	return list
}

// settingName is the name in a request's path.
func settingName(kind config.SettingKind, r *http.Request) string {
	if kind == config.InsideSetting {
		return string(kind)
	}
	return r.PathValue("name")
}

func (h *handler) getSetting(kind config.SettingKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := h.deps.Settings.Get(kind, settingName(kind, r))
		if err != nil {
			return settingRefusal(err, false)
		}
		return writeTagged(w, r, s)
	}
}

func (h *handler) allSettings(w http.ResponseWriter, r *http.Request) error {
	return writeTagged(w, r, h.deps.Settings.List())
}

func (h *handler) settingsVersions(w http.ResponseWriter, _ *http.Request) error {
	list, err := h.deps.Settings.Versions()
	if err != nil {
		return err
	}
	return writeJSON(w, list)
}

func (h *handler) settingsVersion(w http.ResponseWriter, r *http.Request) error {
	n, err := versionOf(r)
	if err != nil {
		return err
	}
	v, err := h.deps.Settings.Version(n)
	if err != nil {
		return settingRefusal(err, false)
	}
	return writeJSON(w, v)
}

func versionOf(r *http.Request) (int, error) {
	text := r.PathValue("version")
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, &query.Error{Part: "version", Text: fmt.Sprintf("%.40q is not the number of a version", text)}
	}
	return int(n), nil
}

// settingRefusal gives errors of settings their status. single says that the request is about one of them, so that a fault's place is
// a pointer into its body.
func settingRefusal(err error, single bool) error {
	var bad config.SettingErrors
	switch {
	case errors.As(err, &bad):
		return faultsOf(bad, single)
	case errors.Is(err, settings.ErrNone):
		return &refusal{status: http.StatusNotFound, part: "path", text: err.Error()}
	case errors.Is(err, settings.ErrFile):
		return &refusal{status: http.StatusConflict, part: "path", text: err.Error()}
	case errors.Is(err, settings.ErrTooMuch), errors.Is(err, settings.ErrUnfit):
		return &refusal{status: http.StatusUnprocessableEntity, part: "value", text: err.Error()}
	case errors.Is(err, settings.ErrIdle):
		return &refusal{status: http.StatusServiceUnavailable, text: err.Error(), retry: 5}
	}
	return err
}

// maxFaults is how many faults an answer tells.
const maxFaults = 50

func faultsOf(list config.SettingErrors, single bool) error {
	r := &refusal{status: http.StatusBadRequest}
	for i, e := range list[:min(len(list), maxFaults)] {
		d := query.FailureDetail{Part: e.Pointer, Text: e.Text}
		if !single {
			d.Part = string(e.Kind) + "/" + e.Name + e.Pointer
		}
		if d.Part == "" {
			d.Part = "value"
		}
		if i == 0 {
			r.part, r.text = d.Part, d.Text
		} else {
			r.more = append(r.more, d)
		}
		if e.Taken {
			r.status = http.StatusConflict
		}
	}
	return r
}
