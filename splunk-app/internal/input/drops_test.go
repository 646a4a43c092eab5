package input

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

func TestDropTeller(t *testing.T) {
	var out strings.Builder
	d := dropTeller{log: modinput.NewLog(&out, slog.LevelInfo)}
	now := time.Unix(1_700_000_000, 0)
	for second, dropped := range []uint64{0, 5, 5, 9} {
		d.look(now.Add(time.Duration(second)*time.Second), dropped)
	}
	d.look(now.Add(time.Minute), 9)
	d.look(now.Add(time.Minute+time.Second), 9)
	d.look(now.Add(time.Hour), 9)
	const line = "WARN events are dropped: Splunk does not read them fast enough "
	if want := line + "dropped=5 since_start=5\n" + line + "dropped=4 since_start=9\n"; out.String() != want {
		t.Errorf("%s, want\n%s", out.String(), want)
	}
}
