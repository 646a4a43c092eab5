package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// Request says who changes settings and on what conditions.
type Request struct {
	Token, Address string // of who asks
	DryRun         bool
	// Check looks at the settings as they are before the change, while no other change is made; its error ends it. nil: no condition.
	Check func(View) error
}

// View is the settings at a moment.
type View struct {
	m *Manager
	s *state
}

// List returns all settings.
func (v View) List() query.Settings { return v.m.list(v.s) }

// Get returns an entry; it wraps [ErrNone] where it is not there.
func (v View) Get(kind config.SettingKind, name string) (query.Setting, error) {
	return v.m.get(v.s, kind, name)
}

// Change makes some changes together, or none of them: where one is wrong the error is [config.SettingErrors], [ErrNone] or [ErrFile].
func (m *Manager) Change(ctx context.Context, r Request, edits []query.SettingEdit) (query.SettingsChange, error) {
	return m.change(ctx, r, inWords(edits), func(list []held) ([]held, error) {
		for _, e := range edits {
			var err error
			if list, err = m.edit(list, e); err != nil {
				return nil, err
			}
		}
		return list, nil
	})
}

// mostWords is how many changes are told one by one.
const mostWords = 3

// inWords says what is changed, like "put groups/web, delete policies/uploads".
func inWords(edits []query.SettingEdit) string {
	var words []string
	for _, e := range edits[:min(len(edits), mostWords)] {
		what := "put "
		if isNull(e.Value) {
			what = "delete "
		}
		words = append(words, what+e.Kind+"/"+e.Name)
	}
	if more := len(edits) - mostWords; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}

// Restore makes the settings what they were in a version.
func (m *Manager) Restore(ctx context.Context, r Request, number int) (query.SettingsChange, error) {
	v, err := m.read(number)
	if err != nil {
		return query.SettingsChange{}, err
	}
	return m.change(ctx, r, fmt.Sprintf("restore %d", number), func([]held) ([]held, error) { return v.Settings, nil })
}

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || string(bytes.TrimSpace(value)) == "null"
}

// edit returns the list with an entry changed. What is wrong with values is found later, with all of them.
func (m *Manager) edit(list []held, e query.SettingEdit) ([]held, error) {
	s := config.Setting{Kind: config.SettingKind(e.Kind), Name: e.Name, Value: e.Value}
	if name, err := config.SettingName(s.Kind, s.Name); err == nil {
		s.Name = name
	}
	i := slices.IndexFunc(list, func(h held) bool { return h.Kind == s.Kind && h.Name == s.Name })
	switch {
	case !isNull(s.Value) && m.aside(s):
		_, err := m.file.With([]config.Setting{s})
		return nil, err
	case !isNull(s.Value) && i >= 0:
		list = slices.Clone(list)
		list[i].Setting = s
	case !isNull(s.Value):
		list = append(slices.Clip(list), held{Setting: s})
	case i >= 0:
		list = slices.Delete(slices.Clone(list), i, i+1)
	case m.aside(s):
		return nil, fmt.Errorf("%s %q: %w", s.Kind, s.Name, ErrFile)
	default:
		return nil, fmt.Errorf("%s %q: %w", s.Kind, s.Name, ErrNone)
	}
	return list, nil
}

// applyWithin is how long putting a change into force may take: the detectors must have looked at what was received before.
const applyWithin = 30 * time.Second

// change makes one version of the next list of settings.
func (m *Manager) change(ctx context.Context, r Request, action string, next func([]held) ([]held, error)) (done query.SettingsChange, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.prepare == nil {
		return done, ErrIdle
	}
	now := m.state.Load()
	then := &state{version: now.version + 1}
	list, err := next(now.held)
	if err == nil {
		then.config, err = m.fit(list)
	}
	var faults config.SettingErrors
	if errors.As(err, &faults) { // what is wrong by itself is said before what is wrong for now
		return done, err
	}
	if r.Check != nil {
		if err := r.Check(View{m, now}); err != nil {
			return done, err
		}
	}
	if err != nil {
		return done, err
	}
	if then.held, done.Changes = settle(now.held, list, then.version); len(done.Changes) == 0 {
		return query.SettingsChange{Version: now.version, DryRun: r.DryRun, Applied: query.AppliedNot, Changes: []query.SettingDifference{}}, nil
	}
	apply, err := m.prepare(then.config)
	if err != nil {
		return done, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	if done.Version = now.version; r.DryRun {
		done.DryRun, done.Applied = true, query.AppliedNot
		return done, nil
	}
	v := version{Version: then.version, Time: m.now().UTC(), Token: r.Token, Address: r.Address, Action: action, Changes: done.Changes, Settings: then.held}
	if err := m.store.write(&v); err != nil {
		return done, err
	}
	m.state.Store(then)
	done.Version, done.Applied = then.version, m.apply(ctx, apply, &v)
	return done, nil
}

// fit returns the configuration with a list of settings.
func (m *Manager) fit(list []held) (config.Config, error) {
	if n := size(list); n > MaxSize {
		return config.Config{}, fmt.Errorf("%w: the settings would have %d bytes together, and %d is the most: have large lists in weir.yaml", ErrTooMuch, n, MaxSize)
	}
	return m.file.With(m.inForce(list))
}

// apply puts a kept version into force, whether or not who asked still waits.
func (m *Manager) apply(ctx context.Context, apply func(context.Context) error, v *version) string {
	if err := m.store.prune(v.Version); err != nil {
		m.log.Warn("old versions of the settings could not be removed", "error", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyWithin)
	defer cancel()
	if err := apply(ctx); err != nil {
		m.log.Error("a change of the settings is kept and could not be put into force: restart the collector", "version", v.Version, "error", err)
		return query.AppliedAfterRestart
	}
	m.log.Info("settings changed", "version", v.Version, "action", v.Action, "token", v.Token, "address", v.Address)
	return query.AppliedNow
}

// settle gives what differs between two lists the number of the version, and returns the differences. Values are brought into one form.
func settle(before, after []held, number int) (list []held, changes []query.SettingDifference) {
	type key struct {
		kind config.SettingKind
		name string
	}
	known := map[key]held{}
	for _, h := range before {
		known[key{h.Kind, h.Name}] = h
	}
	for _, h := range after {
		k := key{h.Kind, h.Name}
		old, had := known[k]
		delete(known, k)
		if h.Value = canonical(h.Value); had && bytes.Equal(canonical(old.Value), h.Value) {
			h.Version = old.Version
			list = append(list, h)
			continue
		}
		d := query.SettingDifference{Kind: string(h.Kind), Name: h.Name, After: h.Value}
		if had {
			d.Before = old.Value
		}
		h.Version = number
		list, changes = append(list, h), append(changes, d)
	}
	for _, h := range before {
		if _, gone := known[key{h.Kind, h.Name}]; gone {
			changes = append(changes, query.SettingDifference{Kind: string(h.Kind), Name: h.Name, Before: h.Value})
		}
	}
	return list, changes
}

// canonical writes JSON without spaces, the members of objects in order.
func canonical(text json.RawMessage) json.RawMessage {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return text
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return text
	}
	return bytes.TrimSpace(out.Bytes())
}

func size(list []held) (n int) {
	for _, h := range list {
		n += len(h.Value) + len(h.Name)
	}
	return n
}
