//go:build cgo

package webtest_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/internal/browsertest"
)

// pictures is the folder of the documentation's.
const pictures = "../../../../docs/pictures"

const mostPicture = 200_000 // bytes

// testPictures takes the pictures of the documentation; -update writes them.
func testPictures(t *testing.T, l *lab, b *browsertest.Browser) {
	views, p := l.views(t), b.Page(t)
	for _, c := range []struct {
		name, path string
		screen     browsertest.Screen
	}{
		{"overview", views["overview"], browsertest.Screen{Height: 720}},
		{"alerts", "/alerts?host=172.16.20.22&from=2026-03-02T17:00:00Z&to=2026-03-02T18:00:00Z", browsertest.Screen{Height: 480}},
		{"alert", "/alert/" + l.alert(t, "dos.reflection.ssdp").ID, browsertest.Screen{Height: 720}},
		{"host", views["host"], browsertest.Screen{Height: 1100}},
		{"exporters", views["exporters"], browsertest.Screen{Height: 360}},
		{"query", views["query"], browsertest.Screen{Height: 660}},
		{"dark", views["overview"], browsertest.Screen{Height: 720, Dark: true}},
	} {
		p.Show(c.screen)
		p.Open(l.base + c.path)
		if p.Count("#live") > 0 {
			p.Until(`document.getElementById("live").textContent === "Live."`)
		}
		picture := p.Picture()
		checkPicture(t, c.name, picture)
		path := filepath.Join(pictures, c.name+".png")
		if *update {
			if err := os.WriteFile(path, picture, 0o644); err != nil { //nolint:gosec // it is documentation
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v: -update takes it", err)
		}
		checkPicture(t, path, kept)
	}
}

// checkPicture: as wide as a page of documentation shows it, of a size that loads at once.
func checkPicture(t *testing.T, name string, data []byte) {
	t.Helper()
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width != 1280 || len(data) > mostPicture {
		t.Errorf("%s: %d wide, %d bytes, %v", name, c.Width, len(data), err)
	}
}
