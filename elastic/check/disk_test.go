package check

import "testing"

// TestRequired: the forms of watermarks, with the documented defaults of Elasticsearch (85 %, but no more than 200 GB free) and OpenSearch.
func TestRequired(t *testing.T) {
	const gb = 1 << 30
	for _, c := range []struct {
		name, mark, room string
		total, want      int64
	}{
		{"a part", "85%", "", 100 * gb, 15 * gb},
		{"a part of a large disk", "85%", "200GB", 10000 * gb, 200 * gb},
		{"a part of a small disk", "85%", "200gb", 100 * gb, 15 * gb},
		{"no head room", "85%", "-1", 10000 * gb, 1500 * gb},
		{"a fraction", "0.85", "", 100 * gb, 15 * gb},
		{"free bytes", "10gb", "", 100 * gb, 10 * gb},
		{"free megabytes", "500mb", "", 100 * gb, 500 << 20},
		{"nothing", "", "", 100 * gb, 0},
		{"nonsense", "x%", "", 100 * gb, 0},
	} {
		got := required(map[string]string{
			watermarks + "watermark.low": c.mark, watermarks + "watermark.low.max_headroom": c.room,
		}, "low", c.total)
		if diff := got - c.want; diff < -1 || diff > 1 { // parts are rounded
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
