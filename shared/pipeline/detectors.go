package pipeline

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/detect/behavior"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/session"
)

// Detectors is everything that looks at records for attacks, in the order in which it must: other exporters' copies are marked
// first, then exporters are judged, then traffic by its rates, then by the sessions it makes; interfaces are measured beside. It is a
// [Detector]. All but Health, Rates and Interfaces are nil where the configuration has sessions off.
type Detectors struct {
	Copies     *session.Duplicates
	Health     *health.Monitor // of the exporters
	Rates      *detect.Engine
	Sessions   *session.Table
	Behavior   *behavior.Engine
	Interfaces *interfaces.Meter

	tell func([]flow.Session)

	now       int64
	published int64 // when stats was last brought up to date
	mu        sync.Mutex
	stats     DetectorStats
}

// DetectorStats are the counters of all detectors.
type DetectorStats struct {
	Copies   session.DuplicatesStats
	Sessions session.Stats
	Behavior behavior.Stats
	Health   health.Stats
}

// Stats returns the counters of copies, sessions and behavior as of the last second that passed. It may be called from anywhere;
// those of health are as of now, those of rates are [detect.Engine.Stats].
func (d *Detectors) Stats() DetectorStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Health = d.Health.Stats()
	return s
}

func (d *Detectors) publish() {
	d.published = d.now
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stats = DetectorStats{Copies: d.Copies.Stats(), Sessions: d.Sessions.Stats(), Behavior: d.Behavior.Stats()}
}

// newDetectors builds all detectors from the part detect of a configuration.
func newDetectors(cfg config.Config, c *Core) (*Detectors, error) {
	d := &Detectors{}
	var err error
	d.Rates, err = detect.New(detect.Config{
		Profile: detect.Profile(cfg.Detect.Profile), Disabled: cfg.Detect.Disabled, Others: append(append(behavior.Detectors(), interfaces.Detectors()...), health.DetectorName),
		Floor:  detect.Floor{BPS: cfg.Detect.Floors.BPS, PPS: cfg.Detect.Floors.PPS, FPS: cfg.Detect.Floors.FPS},
		Budget: sizesOf(cfg.Detect.Memory).rates,
	}, detect.Deps{Registry: c.Registry, Symbols: c.Symbols, Log: c.log, Inside: c.enricher.Inside, Roles: c.roles})
	if err != nil {
		return nil, err
	}
	d.Interfaces, err = interfaces.NewMeter(interfaces.Config{Disabled: cfg.Detect.Disabled}, interfaces.Deps{Symbols: c.Symbols, Table: c.Interfaces})
	if err != nil {
		return nil, err
	}
	if d.Health, err = health.New(health.Config{Disabled: cfg.Detect.Disabled}, health.Deps{Symbols: c.Symbols, Loads: d.Interfaces}); err != nil {
		return nil, err
	}
	if cfg.Detect.Sessions != "on" {
		if len(cfg.Policies) == 0 {
			return d, nil
		}
		c.tellSessionsOn(len(cfg.Policies))
	}
	return d, d.addSessions(cfg, c)
}

func (c *Core) tellSessionsOn(policies int) {
	if c.log != nil {
		c.log.Info("policies look at sessions: detect.sessions is on for them", "policies", policies)
	}
}

// addSessions makes what looks at sessions, and at policies with them.
func (d *Detectors) addSessions(cfg config.Config, c *Core) error {
	size := sizesOf(cfg.Detect.Memory)
	copies, err := session.NewDuplicates(session.DuplicatesConfig{Flows: size.sessions.Sessions})
	if err != nil {
		return err
	}
	engine, err := behavior.New(behavior.Config{Budget: size.behavior, Disabled: cfg.Detect.Disabled, Policies: cfg.Policies}, behavior.Deps{Symbols: c.Symbols, Roles: c.roles})
	if err != nil {
		return err
	}
	table, err := session.New(size.sessions, session.Deps{Tell: d.told})
	if err != nil {
		return err
	}
	d.Copies, d.Behavior, d.Sessions = copies, engine, table
	return nil
}

// Observe implements [Detector].
func (d *Detectors) Observe(b *flow.Batch, now int64) {
	d.now = now
	d.Interfaces.Observe(b, now)
	if d.Sessions == nil {
		d.Health.Observe(b)
		d.Rates.Observe(b, now)
		return
	}
	d.Copies.Mark(b)
	d.Health.Observe(b)
	d.Rates.Observe(b, now)
	d.Sessions.Observe(b, now)
}

// TellSessions implements [SessionTeller].
func (d *Detectors) TellSessions(tell func([]flow.Session)) { d.tell = tell }

// TellInterfaces implements [InterfaceTeller].
func (d *Detectors) TellInterfaces(tell func([]interfaces.Minute) bool) {
	d.Interfaces.TellMinutes(tell)
}

// FlushInterfaces implements [InterfaceTeller].
func (d *Detectors) FlushInterfaces() { d.Interfaces.Flush() }

// told shows sessions to the detectors, then to whoever else wants to know of them.
func (d *Detectors) told(list session.Told) {
	d.Behavior.LookAhead(list.Sessions)
	for i := range list.Sessions {
		d.Behavior.Observe(&list.Sessions[i], list.Clocks[i])
	}
	if d.tell != nil {
		d.tell(list.Sessions)
	}
}

// Advance implements [Detector].
func (d *Detectors) Advance(now int64) {
	d.now = max(d.now, now)
	d.Rates.Advance(now)
	d.Interfaces.Advance(now)
	d.Health.Advance(now)
	if d.Sessions == nil {
		return
	}
	d.Sessions.Advance(now)
	d.Behavior.Advance(now)
	if d.now-d.published >= int64(time.Second) {
		d.publish()
	}
}

// Finish implements [Finisher].
func (d *Detectors) Finish(now int64) {
	d.now = max(d.now, now)
	d.Rates.Finish(now)
	d.Interfaces.Finish(now)
	d.Health.Finish(now)
	if d.Sessions == nil {
		return
	}
	d.Sessions.Flush()
	d.Behavior.Finish(now)
	d.publish()
}

// EndSessions implements [SessionEnder].
func (d *Detectors) EndSessions() {
	if d.Sessions != nil {
		d.Sessions.Flush()
	}
}

// Changes implements [Detector]: the changes of all, sorted by start and id.
func (d *Detectors) Changes() []flow.Alert {
	list := append(d.Rates.Changes(), d.Interfaces.Changes()...)
	list = append(list, d.Health.Changes()...)
	if d.Sessions != nil {
		list = append(list, d.Behavior.Changes()...)
	}
	slices.SortFunc(list, func(a, b flow.Alert) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID))
	})
	return list
}

// Restore takes alerts that were open when an earlier process ended: findings with the same key go on under their id. It is
// called before the first Observe.
func (d *Detectors) Restore(open []flow.Alert) {
	d.Rates.Restore(open)
	d.Interfaces.Restore(open)
	d.Health.Restore(open)
	if d.Sessions != nil {
		d.Behavior.Restore(open)
	}
}
