package telegraf_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// panel is what a test looks at of a panel of Grafana.
type panel struct {
	Type, Title, Description string
	GridPos                  struct{ H, W, X, Y int }
	Datasource               struct{ Type, UID string }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct{ Expr, Query string }
}

// dashboard reads the panels of a shipped dashboard, without its rows, and checks what every panel must have.
func dashboard(t *testing.T, kind string) (panels []panel, variable string) {
	t.Helper()
	var d struct {
		UID, Title string
		Panels     []panel
		Templating struct {
			List []struct {
				Name  string
				Type  string
				Query any
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, "dashboards/weir-telegraf-"+kind+".json")), &d); err != nil {
		t.Fatal(err)
	}
	bottom := map[int]int{} // of each column
	for i := range d.Panels {
		p := &d.Panels[i]
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			if x > 23 || p.GridPos.Y < bottom[x] {
				t.Errorf("%s: lies over another one, or outside", p.Title)
			}
			bottom[x] = p.GridPos.Y + p.GridPos.H
		}
		if p.Type == "row" {
			continue
		}
		panels = append(panels, *p)
		if p.Description == "" || p.FieldConfig.Defaults.Unit == "" || p.Datasource.UID != "${datasource}" || p.Datasource.Type != kind || len(p.Targets) == 0 {
			t.Errorf("%s: lacks something: %+v", p.Title, p)
		}
	}
	vars := d.Templating.List
	if d.UID == "" || len(vars) != 2 || vars[0].Type != "datasource" || vars[0].Query != kind || vars[1].Name != "exporter" || len(panels) < 15 {
		t.Errorf("dashboard %q: %d panels, variables %+v", d.Title, len(panels), vars)
	}
	return panels, fmt.Sprint(vars[1].Query)
}

// quiet are panels that are empty by a laboratory's clock, which is the exporters' own.
var quiet = []string{"Clocks"}

// checkPrometheusPanels: each query of the dashboard returns data.
func checkPrometheusPanels(t *testing.T, m *monitoring) {
	t.Helper()
	panels, variable := dashboard(t, "prometheus")
	if !strings.Contains(variable, "label_values(weir_exporter_datagrams, exporter)") || len(m.query("weir_exporter_datagrams")) == 0 {
		t.Errorf("the variable exporter, %s, has no values", variable)
	}
	for _, p := range panels {
		for _, q := range p.Targets {
			expr := strings.ReplaceAll(q.Expr, "$exporter", ".*")
			if rows := m.query(expr); len(rows) == 0 && !slices.Contains(quiet, p.Title) {
				t.Errorf("%s: nothing by %s", p.Title, expr)
			}
		}
	}
}

// checkInfluxPanels: likewise.
func checkInfluxPanels(t *testing.T, db influxDB) {
	t.Helper()
	panels, variable := dashboard(t, "influxdb")
	if rows := db.query(variable); len(rows) == 0 {
		t.Errorf("the variable exporter, %s, has no values", variable)
	}
	grafana := strings.NewReplacer("$timeFilter", "time > now() - 1h", "$__interval_ms", "60000", "$__interval", "60000ms", "/^$exporter$/", "/^.*$/")
	for _, p := range panels {
		for _, q := range p.Targets {
			query := grafana.Replace(q.Query)
			if rows := db.query(query); (len(rows) == 0 || len(rows[0].Values) == 0) && !slices.Contains(quiet, p.Title) {
				t.Errorf("%s: nothing by %s", p.Title, query)
			}
		}
	}
}
