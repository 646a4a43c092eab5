//go:build cgo

package plugin_test

import (
	"encoding/binary"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/internal/weirtest"
)

// netflow5 is a datagram of NetFlow v5 with flows of 1000 bytes for each pair of addresses, exported at a time.
func netflow5(at time.Time, pairs ...[2]string) []byte {
	b := make([]byte, 24+48*len(pairs))
	binary.BigEndian.PutUint16(b, 5)
	binary.BigEndian.PutUint16(b[2:], uint16(len(pairs)))
	binary.BigEndian.PutUint32(b[4:], 3_600_000) // up for an hour
	binary.BigEndian.PutUint32(b[8:], uint32(at.Unix()))
	for i, p := range pairs {
		r := b[24+48*i:]
		source, destination := netip.MustParseAddr(p[0]).As4(), netip.MustParseAddr(p[1]).As4()
		copy(r, source[:])
		copy(r[4:], destination[:])
		binary.BigEndian.PutUint32(r[16:], 2)
		binary.BigEndian.PutUint32(r[20:], 1000)
		binary.BigEndian.PutUint32(r[24:], 3_590_000)
		binary.BigEndian.PutUint32(r[28:], 3_595_000)
		binary.BigEndian.PutUint16(r[32:], 40000)
		binary.BigEndian.PutUint16(r[34:], 443)
		r[38] = 6
	}
	return b
}

// mapPanel is what a map is made of: its query, and where the codes of countries stand.
type mapPanel struct {
	Type    string
	Targets []json.RawMessage
	Options struct {
		Layers []struct {
			Location struct{ Mode, Lookup, Gazetteer string }
			Config   struct {
				Style struct{ Size, Color struct{ Field string } }
			}
		}
	}
}

// TestMaps: the maps of the overview get the codes of countries in the field that they look them up by, and a number for each.
func TestMaps(t *testing.T) {
	collector(t) // builds weir
	lite, err := filepath.Abs("../../../shared/enrich/geo/testdata/lite.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	c, err := weirtest.Start(t.Context(), lab.weir, t.TempDir(), "geo: {country: "+lite+"}\n")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	conn, err := net.Dial("udp", c.UDP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = conn.Write(netflow5(dayFrom.Add(time.Minute), [2]string{"192.0.2.1", "10.0.0.1"}, [2]string{"198.51.100.7", "10.0.0.1"}, [2]string{"198.51.100.8", "10.0.0.2"},
		[2]string{"10.0.0.1", "192.0.2.1"}, [2]string{"203.0.113.9", "10.0.0.1"}))
	if err != nil {
		t.Fatal(err)
	}
	d := sourceOf(t, settingsOf(c.URL, `{"shareSeconds":0}`, nil))
	for len(must(t, d, `{"queryType":"records"}`, hour).Frames[0].Fields) == 0 || must(t, d, `{"queryType":"records"}`, hour).Frames[0].Rows() < 5 {
		time.Sleep(20 * time.Millisecond)
	}
	text, err := os.ReadFile("../../src/dashboards/overview.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct{ Panels []mapPanel }
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	var got []map[string]float64
	for _, p := range board.Panels {
		if p.Type == "geomap" {
			got = append(got, countries(t, p, must(t, d, interpolated(t, p.Targets[0]), hour).Frames[0]))
		}
	}
	want := []map[string]float64{{"CH": 1000, "DE": 2000}, {"CH": 1000}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// countries reads a map's answer as the map does.
func countries(t *testing.T, p mapPanel, f *data.Frame) map[string]float64 {
	t.Helper()
	layer := p.Options.Layers[0]
	if layer.Location.Mode != "lookup" || layer.Location.Gazetteer != "public/gazetteer/countries.json" || layer.Config.Style.Color != layer.Config.Style.Size {
		t.Errorf("%+v", layer)
	}
	codes, _ := f.FieldByName(layer.Location.Lookup)
	sizes, _ := f.FieldByName(layer.Config.Style.Size.Field)
	if codes == nil || sizes == nil {
		t.Fatalf("%s and %s are not in the answer", layer.Location.Lookup, layer.Config.Style.Size.Field)
	}
	found := map[string]float64{}
	for i := range codes.Len() {
		found[codes.At(i).(string)] = *sizes.At(i).(*float64)
	}
	return found
}
