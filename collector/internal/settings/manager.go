package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/query"
)

// Kinds of errors, to be found by errors.Is. What is wrong with values is [config.SettingErrors].
var (
	ErrNone    = errors.New("there is no such thing")
	ErrFile    = errors.New("it is in weir.yaml: change it there")
	ErrTooMuch = errors.New("too much")
	ErrUnfit   = errors.New("the collector cannot take it") // though each value by itself is right
	ErrIdle    = errors.New("the collector is starting or stopping: try again")
)

// Config says where settings are kept and what weir.yaml says.
type Config struct {
	Dir  string        // data folder; "": none, and nothing can be changed
	File config.Config // weir.yaml's, with what flags changed
}

// Deps is what a manager works with.
type Deps struct {
	Now func() time.Time
	Log *slog.Logger // nil: none
}

// Prepare checks a configuration and returns what puts it into force.
type Prepare func(config.Config) (apply func(context.Context) error, err error)

// Manager knows the settings of a collector and changes them. It is safe for concurrent use.
type Manager struct {
	file  config.Config
	store store
	now   func() time.Time
	log   *slog.Logger
	state atomic.Pointer[state]

	mu      sync.Mutex // held by changes
	prepare Prepare    // nil: nothing can be changed
}

// state is the settings at a moment; it never changes.
type state struct {
	version int
	held    []held
	config  config.Config
}

// Open reads the newest version. An entry that weir.yaml has, too, is set aside, with a warning; whatever else cannot be read is an error.
func Open(cfg Config, deps Deps) (*Manager, error) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	m := &Manager{file: cfg.File, now: deps.Now, log: deps.Log}
	if cfg.Dir != "" {
		m.store.dir = filepath.Join(cfg.Dir, DirName)
	}
	list, err := m.store.numbers()
	if err != nil {
		return nil, err
	}
	s := &state{config: cfg.File}
	if len(list) > 0 {
		v, err := m.store.read(list[len(list)-1])
		if err != nil {
			return nil, err
		}
		s.version, s.held = v.Version, v.Settings
	}
	if s.config, err = m.file.With(m.inForce(s.held)); err != nil {
		return nil, fmt.Errorf("settings made through the API do not fit weir.yaml (version %d, %s): %w", s.version, m.store.path(s.version), err)
	}
	for _, h := range s.held {
		if m.aside(h.Setting) {
			m.log.Warn("a setting made through the API is set aside: weir.yaml has one of this name", "kind", h.Kind, "name", h.Name, "version", h.Version)
		}
	}
	m.state.Store(s)
	return m, nil
}

// Effective returns the configuration in force: weir.yaml's with the settings.
func (m *Manager) Effective() config.Config { return m.state.Load().config }

// Snapshot returns the configuration in force and all settings, of one moment.
func (m *Manager) Snapshot() (config.Config, query.Settings) {
	s := m.state.Load()
	return s.config, m.list(s)
}

// Attach says how changes are put into force; nil ends them, when a running one is done.
func (m *Manager) Attach(prepare Prepare) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.store.dir == "" {
		prepare = nil
	}
	m.prepare = prepare
}

// aside tells whether weir.yaml has an entry, so that another of this name is not in force.
func (m *Manager) aside(s config.Setting) bool { return m.file.Has(s.Kind, s.Name) }

// inForce are the settings that are not set aside.
func (m *Manager) inForce(list []held) (out []config.Setting) {
	for _, h := range list {
		if !m.aside(h.Setting) {
			out = append(out, h.Setting)
		}
	}
	return out
}

// List returns all settings: weir.yaml's, then those of the API, by kind.
func (m *Manager) List() query.Settings { return m.list(m.state.Load()) }

func (m *Manager) list(s *state) query.Settings {
	out := query.Settings{Version: s.version, Settings: []query.Setting{}}
	for _, kind := range config.SettingKinds() {
		first := len(out.Settings)
		out.Settings = append(out.Settings, m.given(kind)...)
		for _, h := range s.held {
			if h.Kind != kind {
				continue
			}
			if m.aside(h.Setting) {
				i := first + slices.IndexFunc(out.Settings[first:], func(e query.Setting) bool { return e.Name == h.Name })
				out.Settings[max(i, first)].SetAside = true
				continue
			}
			out.Settings = append(out.Settings, query.Setting{Kind: string(h.Kind), Name: h.Name, Source: query.SourceAPI, Version: h.Version, Value: h.Value})
		}
	}
	if !m.file.InsideGiven && slices.ContainsFunc(out.Settings, func(e query.Setting) bool {
		return e.Kind == string(config.InsideSetting) && e.Source == query.SourceAPI
	}) {
		out.Settings = out.Settings[1:] // the default is not in force
	}
	return out
}

// given are the entries of weir.yaml and of Weir itself.
func (m *Manager) given(kind config.SettingKind) (list []query.Setting) {
	entry := func(name, source string, value json.RawMessage) query.Setting {
		return query.Setting{Kind: string(kind), Name: name, Source: source, Value: value}
	}
	if kind == config.PivotSetting {
		for _, p := range pivot.List(m.file.Pivots) {
			if !slices.ContainsFunc(m.file.Pivots.Custom, func(c pivot.Custom) bool { return c.Name == p.Name }) {
				list = append(list, entry(p.Name, query.SourceBuiltIn, marshal(config.PivotValueOf(p))))
			}
		}
	}
	file, source := m.file, query.SourceFile
	if kind == config.InsideSetting && !file.InsideGiven {
		file.InsideGiven, source = true, query.SourceDefault
	}
	for _, s := range file.Settings() {
		if s.Kind == kind {
			list = append(list, entry(s.Name, source, s.Value))
		}
	}
	return list
}

func marshal(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil { // texts only
		return json.RawMessage("{}")
	}
	return text
}

// Get returns an entry; it wraps [ErrNone] where it is not there.
func (m *Manager) Get(kind config.SettingKind, name string) (query.Setting, error) {
	return m.get(m.state.Load(), kind, name)
}

func (m *Manager) get(s *state, kind config.SettingKind, name string) (query.Setting, error) {
	if canonical, err := config.SettingName(kind, name); err == nil {
		name = canonical
	}
	for _, e := range m.list(s).Settings {
		if e.Kind == string(kind) && e.Name == name {
			return e, nil
		}
	}
	return query.Setting{}, fmt.Errorf("%s %q: %w", kind, name, ErrNone)
}

// Versions returns the versions that are kept, newest first, without their settings.
func (m *Manager) Versions() ([]query.SettingsVersion, error) {
	list, err := m.store.numbers()
	if err != nil {
		return nil, err
	}
	out := []query.SettingsVersion{}
	for _, n := range slices.Backward(list) {
		v, err := m.store.read(n)
		if errors.Is(err, ErrNone) { // it was too old to be kept
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v.shown())
	}
	return out, nil
}

// Version returns a version with its settings; it wraps [ErrNone] where it is not kept. Version 0 is that nothing has been changed.
func (m *Manager) Version(n int) (query.SettingsVersion, error) {
	v, err := m.read(n)
	if err != nil {
		return query.SettingsVersion{}, err
	}
	out := v.shown()
	out.Settings = []query.SettingEdit{}
	for _, h := range v.Settings {
		out.Settings = append(out.Settings, query.SettingEdit{Kind: string(h.Kind), Name: h.Name, Value: h.Value})
	}
	return out, nil
}

func (m *Manager) read(n int) (version, error) {
	if n == 0 {
		return version{Action: "nothing"}, nil
	}
	return m.store.read(n)
}

func (v *version) shown() query.SettingsVersion {
	if v.Changes == nil {
		v.Changes = []query.SettingDifference{}
	}
	return query.SettingsVersion{Version: v.Version, Time: v.Time, Token: v.Token, Address: v.Address, Action: v.Action, Changes: v.Changes}
}
