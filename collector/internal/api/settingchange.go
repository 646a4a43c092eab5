package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/weirflow/weir/collector/internal/settings"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

func (h *handler) putSetting(kind config.SettingKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := readRaw(r)
		if err != nil {
			return err
		}
		return h.editSetting(w, r, query.SettingEdit{Kind: string(kind), Name: settingName(kind, r), Value: body})
	}
}

func (h *handler) deleteSetting(kind config.SettingKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return h.editSetting(w, r, query.SettingEdit{Kind: string(kind), Name: settingName(kind, r)})
	}
}

// editSetting changes one entry; conditions are about it.
func (h *handler) editSetting(w http.ResponseWriter, r *http.Request, e query.SettingEdit) error {
	req, err := changeRequest(r, func(v settings.View) (any, error) { return v.Get(config.SettingKind(e.Kind), e.Name) })
	if err != nil {
		return err
	}
	done, err := h.deps.Settings.Change(r.Context(), req, []query.SettingEdit{e})
	return h.changed(w, r, done, err, true)
}

// maxEdits is how many changes can be made together.
const maxEdits = 10_000

// editSettings makes several changes together; conditions are about all settings.
func (h *handler) editSettings(w http.ResponseWriter, r *http.Request) error {
	var edits query.SettingEdits
	if err := readJSON(r, &edits); err != nil {
		return err
	}
	if n := len(edits.Changes); n == 0 || n > maxEdits {
		return &query.Error{Part: "changes", Text: fmt.Sprintf("want 1 to %d changes like {\"kind\": \"groups\", \"name\": \"web\", \"value\": {...}}, with null as the value of one to remove", maxEdits)}
	}
	for i := range edits.Changes {
		if edits.Changes[i].Value == nil {
			return &query.Error{Part: fmt.Sprintf("changes/%d/value", i), Text: "is missing: null removes an entry"}
		}
	}
	req, err := changeRequest(r, func(v settings.View) (any, error) { return v.List(), nil })
	if err != nil {
		return err
	}
	done, err := h.deps.Settings.Change(r.Context(), req, edits.Changes)
	return h.changed(w, r, done, err, false)
}

// restoreSettings goes back to a version; conditions are about all settings.
func (h *handler) restoreSettings(w http.ResponseWriter, r *http.Request) error {
	n, err := versionOf(r)
	if err != nil {
		return err
	}
	req, err := changeRequest(r, func(v settings.View) (any, error) { return v.List(), nil })
	if err != nil {
		return err
	}
	done, err := h.deps.Settings.Restore(r.Context(), req, n)
	return h.changed(w, r, done, err, false)
}

// changed answers a change, and tells the audit what it did.
func (h *handler) changed(w http.ResponseWriter, r *http.Request, done query.SettingsChange, err error, single bool) error {
	if err != nil {
		return settingRefusal(err, single)
	}
	switch {
	case done.DryRun:
		note(r, "dry run")
	case len(done.Changes) == 0:
		note(r, "nothing is different")
	default:
		note(r, fmt.Sprintf("version %d", done.Version))
	}
	return writeJSON(w, done)
}

// changeRequest reads who asks and on what conditions; of is what they are about.
func changeRequest(r *http.Request, of func(settings.View) (any, error)) (req settings.Request, err error) {
	who, _ := r.Context().Value(callerKey{}).(caller)
	req.Token, req.Address = who.token, who.address
	switch list := r.URL.Query()[paramDryRun]; {
	case len(list) == 0 || len(list) == 1 && list[0] == "false":
	case len(list) == 1 && list[0] == "true":
		req.DryRun = true
	default:
		return req, &query.Error{Part: paramDryRun, Text: fmt.Sprintf("%.40q is neither true nor false", strings.Join(list, ","))}
	}
	match, none := strings.Join(r.Header.Values("If-Match"), ","), strings.Join(r.Header.Values("If-None-Match"), ",")
	if match == "" && none == "" {
		return req, nil
	}
	req.Check = func(v settings.View) error { return checkConditions(match, none, v, of) }
	return req, nil
}

// checkConditions holds the conditions of a request (RFC 9110, 13.1) against what is to be changed.
func checkConditions(match, none string, v settings.View, of func(settings.View) (any, error)) error {
	tag := "" // there is none
	switch now, err := of(v); {
	case errors.Is(err, settings.ErrNone):
	case err != nil:
		return err
	default:
		body, err := marshalTagged(now)
		if err != nil {
			return err
		}
		tag = tagOf(body)
	}
	failed := func(part, format string, args ...any) error {
		return &refusal{status: http.StatusPreconditionFailed, part: part, text: fmt.Sprintf(format, args...)}
	}
	switch {
	case match != "" && tag == "":
		return failed("if-match", "there is nothing of this name any more: somebody has removed it, or it never was")
	case match != "" && !hasTag(match, tag):
		return failed("if-match", "somebody else has changed it since: it is %s now; read it again, then change that", tag)
	case none != "" && tag != "" && hasTag(none, tag):
		return failed("if-none-match", "it is there already, as %s", tag)
	}
	return nil
}

// hasTag tells whether a list of version tags names one.
func hasTag(list, tag string) bool {
	for _, t := range strings.Split(list, ",") {
		if t = strings.TrimSpace(t); t == "*" || t == tag {
			return true
		}
	}
	return false
}
