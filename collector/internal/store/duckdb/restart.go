//go:build cgo

package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// restart is what earlier runs committed about streams and alerts.
type restart struct {
	marks     []flow.StreamMark
	exporters map[flow.StreamKey]query.Exporter
	alerts    []flow.Alert // open ones
}

// Marks returns how far each exporter's stream had been taken when the folder was opened: what comes beyond is new.
func (s *Store) Marks() []flow.StreamMark { return slices.Clone(s.restart.marks) }

// OpenAlerts returns the alerts that had not ended when the folder was opened.
func (s *Store) OpenAlerts() []flow.Alert { return slices.Clone(s.restart.alerts) }

func (s *Store) loadRestart(ctx context.Context, c *conn) (err error) {
	if s.restart.marks, s.restart.exporters, err = readStreams(ctx, c); err != nil {
		return err
	}
	if s.restart.alerts, err = readAlerts(ctx, c, "WHERE state <> ?", string(flow.AlertEnded)); err != nil {
		return err
	}
	return errors.Join(s.loadSuperseded(ctx, c), s.loadDeleted(ctx, c))
}

func readStreams(ctx context.Context, c *conn) ([]flow.StreamMark, map[flow.StreamKey]query.Exporter, error) {
	r, err := c.query(ctx, `SELECT exporter_hi, exporter_lo, domain, protocol, next, known, "order", waiting, counters FROM `+latest("streams")+`
		ORDER BY exporter_hi, exporter_lo, domain, protocol`)
	if err != nil {
		return nil, nil, err
	}
	defer r.close()
	var marks []flow.StreamMark
	exporters := map[flow.StreamKey]query.Exporter{}
	for r.next() {
		protocol, _ := flow.ParseProtocol(r.text(3))
		key := flow.StreamKey{Exporter: flow.AddrFromWords(get[uint64](r, 0), get[uint64](r, 1)), Domain: uint32(get[uint64](r, 2)), Protocol: protocol}
		var e query.Exporter
		if err := json.Unmarshal([]byte(r.text(8)), &e); err != nil {
			return nil, nil, fmt.Errorf("counters of exporter %s: %w", key.Exporter, err)
		}
		key.Port = e.Port
		marks = append(marks, flow.StreamMark{
			Key: key, Next: uint32(get[uint64](r, 4)), Known: get[bool](r, 5), Order: get[int64](r, 6), Waiting: uint32(get[uint64](r, 7)),
		})
		exporters[key] = e
	}
	return marks, exporters, nil
}

func readAlerts(ctx context.Context, c *conn, where string, args ...any) ([]flow.Alert, error) {
	r, err := c.query(ctx, "SELECT body FROM "+latest("alerts")+" "+where, args...)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var list []flow.Alert
	for r.next() {
		var a flow.Alert
		if err := json.Unmarshal([]byte(r.text(0)), &a); err != nil {
			return nil, fmt.Errorf("stored alert: %w", err)
		}
		list = append(list, a)
	}
	return list, nil
}
