package telegraf_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// influxDB is an InfluxDB 1.x that runs.
type influxDB struct {
	t   *testing.T
	url string
}

func startInfluxDB(t *testing.T) influxDB {
	t.Helper()
	dir, address, rpc := t.TempDir(), freeTCP(t), freeTCP(t)
	conf := fmt.Sprintf("reporting-disabled = true\nbind-address = %q\n[meta]\ndir = %q\n[data]\ndir = %q\nwal-dir = %q\n"+
		"[monitor]\nstore-enabled = false\n[http]\nbind-address = %q\nlog-enabled = false\n",
		rpc, filepath.Join(dir, "meta"), filepath.Join(dir, "data"), filepath.Join(dir, "wal"), address)
	path := filepath.Join(dir, "influxdb.conf")
	write(t, path, conf)
	server(t, "http://"+address+"/ping", "influxd", "run", "-config", path)
	return influxDB{t, "http://" + address}
}

// series is a part of an answer: rows of the same tags.
type series struct {
	Name    string
	Tags    map[string]string
	Columns []string
	Values  [][]any
}

// query asks in InfluxQL; times are milliseconds.
func (db influxDB) query(q string) []series {
	db.t.Helper()
	var answer struct {
		Results []struct {
			Series []series
			Error  string
		}
	}
	ask(db.t, db.url+"/query", map[string]string{"db": "weir", "q": q, "epoch": "ms"}, &answer)
	if len(answer.Results) != 1 || answer.Results[0].Error != "" {
		db.t.Fatalf("%s: %+v", q, answer)
	}
	return answer.Results[0].Series
}

// influxCells returns the bytes and flows of InfluxDB by minute, direction, protocol and service.
func influxCells(db influxDB, from, to time.Time) map[cell]amounts {
	db.t.Helper()
	list := map[cell]amounts{}
	for _, s := range db.query(fmt.Sprintf("SELECT sum(bytes), sum(flows) FROM weir_traffic WHERE time >= '%s' AND time < '%s' "+
		"GROUP BY time(1m), direction, protocol, service fill(none)", from.Format(time.RFC3339), to.Format(time.RFC3339))) {
		for _, row := range s.Values {
			at := time.UnixMilli(int64(row[0].(float64))).UTC().Format(time.RFC3339)
			list[cell{at, s.Tags["direction"], s.Tags["protocol"], s.Tags["service"]}] = amounts{row[1].(float64), row[2].(float64)}
		}
	}
	return list
}

var continuous = regexp.MustCompile(`(?s)CREATE CONTINUOUS QUERY.*?\nEND\n`)

// checkHours: InfluxDB takes the continuous query of the documentation, and what it makes adds up to the same.
func checkHours(t *testing.T, db influxDB) {
	t.Helper()
	q := continuous.FindString(read(t, "../docs/telegraf.md"))
	_, body, found := strings.Cut(q, "BEGIN\n")
	if !found {
		t.Fatal("no continuous query in docs/telegraf.md")
	}
	db.post(q)
	db.post(strings.Replace(strings.TrimSuffix(body, "END\n"), "FROM weir_traffic ", "FROM weir_traffic WHERE time > now() - 3h ", 1))
	minutes, hours := db.query("SELECT sum(bytes) FROM weir_traffic"), db.query("SELECT sum(bytes) FROM weir_traffic_hours")
	if len(minutes) != 1 || len(hours) != 1 || minutes[0].Values[0][1] != hours[0].Values[0][1] {
		t.Errorf("minutes add up to %v, hours to %v", minutes, hours)
	}
}

// post has a statement done that changes something.
func (db influxDB) post(q string) {
	db.t.Helper()
	r, err := http.PostForm(db.url+"/query", url.Values{"db": {"weir"}, "q": {q}})
	if err != nil {
		db.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK || strings.Contains(string(text), "error") {
		db.t.Errorf("%s: %s %s %v", q, r.Status, text, err)
	}
}
