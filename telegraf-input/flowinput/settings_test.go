package flowinput

import (
	"strings"
	"testing"
	"time"
)

func TestDurationsAndSizes(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "2.5": 2500 * time.Millisecond, "1h30m": 90 * time.Minute, "60": time.Minute} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %v, %v", text, time.Duration(d), err)
		}
	}
	for text, want := range map[string]Size{"1024": 1024, "32MiB": 32 << 20, "1 GiB": 1 << 30, "2MB": 2e6, "7B": 7} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s: %d, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "soon", "-1MiB", "9999999999GiB", "1.5MiB"} {
		if err := new(Size).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("size %q taken", text)
		}
	}
	if err := new(Duration).UnmarshalText([]byte("soon")); err == nil {
		t.Error("duration soon taken")
	}
}

// TestInlineSettings: the keys of weir.yaml hold as tables; faults say where.
func TestInlineSettings(t *testing.T) {
	c, err := inlineConfig(map[string]any{
		"inside": []any{"192.0.2.0/24"}, "groups": map[string]any{"servers": map[string]any{"cidrs": []any{"192.0.2.0/28"}, "ports": []any{"80", "443-445"}}},
		"detect": map[string]any{"disabled": []any{"dos.*"}},
	})
	if err != nil || len(c.Inside) != 1 || len(c.Groups) != 1 || len(c.Groups[0].Ports) != 2 || len(c.Detect.Disabled) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = inlineConfig(map[string]any{"insde": []any{"192.0.2.0/24"}, "detect": map[string]any{"profile": "isps"}})
	if err == nil || !strings.Contains(err.Error(), `did you mean "inside"?`) || !strings.Contains(err.Error(), `at "profile: isps"`) {
		t.Errorf("error %v", err)
	}
}
