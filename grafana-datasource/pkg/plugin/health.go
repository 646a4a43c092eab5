package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/shared/query"
)

// needed are the paths of the API that the plugin asks; a collector that lacks one is too old.
var needed = []string{
	query.PathAggregate, query.PathValues, query.PathGraph, query.PathRecords, query.PathSessions, query.PathAlerts, query.PathExporters,
	query.PathInterfaces, query.PathCollector, query.PathAlertStream,
}

// CheckHealth says whether the data source works and, where it does not, what is wrong and how to mend it.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	return d.check(ctx), nil
}

func (d *Datasource) check(ctx context.Context) *backend.CheckHealthResult {
	if d.broken != nil {
		return unhealthy(explain(d.broken))
	}
	if d.conn.collector == nil {
		return d.checkElastic(ctx)
	}
	paths, err := d.conn.collector.Paths(ctx)
	if err != nil {
		return unhealthy(explain(err))
	}
	if missing := lacking(paths); len(missing) > 0 {
		return unhealthy(fmt.Sprintf("The collector is older than this plugin: it does not know %s. Update it.", strings.Join(missing, ", ")))
	}
	state, err := d.conn.collector.Collector(ctx)
	if err != nil {
		return unhealthy(explain(err))
	}
	exporters, err := d.conn.asking.Exporters(ctx)
	if err != nil {
		return unhealthy(explain(err))
	}
	return d.healthy(&state, exporters)
}

func unhealthy(text string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: strings.ToUpper(text[:1]) + text[1:]}
}

func lacking(paths []string) (missing []string) {
	for _, p := range needed {
		if !slices.Contains(paths, p) {
			missing = append(missing, p)
		}
	}
	return missing
}

// details are what the settings page may show besides the message.
type details struct {
	Exporters    int        `json:"exporters"`
	LastSeen     *time.Time `json:"lastSeen"`
	Started      time.Time  `json:"started"`
	CommitErrors uint64     `json:"commitErrors"`
	MissingFiles int        `json:"missingFiles"`
}

func (d *Datasource) healthy(state *query.Collector, exporters []query.Exporter) *backend.CheckHealthResult {
	about := details{Started: state.Started, CommitErrors: state.CommitErrors, MissingFiles: state.MissingFiles}
	seen := map[string]bool{}
	for i := range exporters {
		e := &exporters[i]
		seen[e.IP] = true
		if e.LastSeen != nil && (about.LastSeen == nil || e.LastSeen.After(*about.LastSeen)) {
			about.LastSeen = e.LastSeen
		}
	}
	about.Exporters = len(seen)
	res := &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: d.healthText(&about)}
	if text, err := json.Marshal(about); err == nil {
		res.JSONDetails = text
	}
	return res
}

// quiet is after what silence of all exporters the check says so.
const quiet = 10 * time.Minute

func (d *Datasource) healthText(about *details) string {
	var parts []string
	switch {
	case about.LastSeen == nil:
		parts = append(parts, "Connected, but the collector has received nothing yet: point an exporter to it (UDP 2055, 4739 or 6343 unless weir.yaml says otherwise)")
	case d.now().Sub(*about.LastSeen) > quiet:
		parts = append(parts, fmt.Sprintf("Connected, but no exporter has sent anything since %s: choose a time range before that, or see weir doctor", about.LastSeen.UTC().Format("2006-01-02 15:04 UTC")))
	case about.Exporters == 1:
		parts = append(parts, "Connected: 1 exporter sends flows")
	default:
		parts = append(parts, fmt.Sprintf("Connected: %d exporters, the last of which sent at %s", about.Exporters, about.LastSeen.UTC().Format("15:04:05 UTC")))
	}
	if about.CommitErrors > 0 {
		parts = append(parts, fmt.Sprintf("the store has failed %d times to write: see the collector's log", about.CommitErrors))
	}
	if about.MissingFiles > 0 {
		parts = append(parts, fmt.Sprintf("%d files of the store are missing or broken: see the collector's log", about.MissingFiles))
	}
	return strings.Join(parts, ". ") + "."
}
