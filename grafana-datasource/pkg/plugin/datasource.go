package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
)

// ID is the plugin's id, which plugin.json has, too.
const ID = "weir-flow-datasource"

// Datasource is one data source as configured in Grafana: it lives until its settings change. It is safe for concurrent use.
type Datasource struct {
	uid       string
	settings  settings
	conn      *connection
	collector *collector
	resources backend.CallResourceHandler
	now       func() time.Time
	// broken is what is wrong with the settings; every call answers with it. Grafana would show no more than "failed to create instance".
	broken error
}

var (
	_ backend.QueryDataHandler      = (*Datasource)(nil)
	_ instancemgmt.InstanceDisposer = (*Datasource)(nil)
)

// New makes the data source of settings. Nothing is sent to the collector yet. It is datasource.InstanceFactoryFunc.
func New(ctx context.Context, from backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	d := &Datasource{uid: from.UID, now: time.Now}
	d.resources = d.routes()
	d.broken = d.open(ctx, from)
	return d, nil
}

// open reads the settings and makes the connection.
func (d *Datasource) open(ctx context.Context, from backend.DataSourceInstanceSettings) (err error) {
	if d.settings, err = parseSettings(from); err != nil {
		return err
	}
	if d.conn, err = connect(ctx, from, &d.settings); err != nil {
		return err
	}
	keep := d.settings.share()
	d.collector = &collector{client: d.conn.asking, templates: d.conn.templates, share: newSharer(d.settings.Concurrent, d.now), keep: keep, own: keep == 0}
	return nil
}

// Dispose closes the connections when the settings have changed or the data source is deleted.
func (d *Datasource) Dispose() {
	if d.collector != nil {
		d.collector.share.kept.close()
	}
	if d.conn != nil {
		d.conn.close()
	}
}
