package flowinput

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
)

// Duration is a span of time as Telegraf's configurations have them: "90s", or a number of seconds.
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	if seconds, err := strconv.ParseFloat(string(text), 64); err == nil {
		*d = Duration(seconds * float64(time.Second))
		return nil
	}
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration: write 90s, 5m or 1h", text)
	}
	*d = Duration(v)
	return nil
}

// Size is a number of bytes as Telegraf's configurations have them: "32MiB", "32MB", or a number.
type Size int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Size) UnmarshalText(text []byte) error {
	number, factor := strings.TrimSpace(string(text)), int64(1)
	for _, unit := range []struct {
		name   string
		factor int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}} {
		if n, found := strings.CutSuffix(number, unit.name); found {
			number, factor = strings.TrimSpace(n), unit.factor
			break
		}
	}
	v, err := strconv.ParseInt(number, 10, 64)
	if err != nil || v < 0 || v > (1<<40)/factor {
		return fmt.Errorf("%q is no size: write 32MiB", text)
	}
	*s = Size(v * factor)
	return nil
}

// collectorConfig returns the collector's part of the configuration: the file, or what stands in settings. The keys of both are the same.
func (in *Input) collectorConfig() (config.Config, error) {
	var c config.Config
	var err error
	switch {
	case in.Config != "" && len(in.Settings) > 0:
		return c, errors.New("config and [inputs.weir.settings] exclude each other: put all into the file")
	case in.Config != "":
		c, err = config.Load(in.Config)
	default:
		c, err = inlineConfig(in.Settings)
	}
	if err != nil {
		return c, err
	}
	if c.Detect.Memory == 0 {
		c.Detect.Memory = detectMemory
	}
	if len(in.Listen) > 0 {
		list, err := inlineConfig(map[string]any{"listen": in.Listen})
		if err != nil {
			return c, err
		}
		c.Listen, c.Streams.TCP = list.Listen, list.Streams.TCP
		if len(list.Streams.TLS) > 0 {
			return c, errors.New("listen: tls:// addresses need certificates: write listen under [inputs.weir.settings]")
		}
	}
	return c, nil
}

// inlineConfig reads the keys of weir.yaml from tables of TOML.
func inlineConfig(settings map[string]any) (config.Config, error) {
	if len(settings) == 0 {
		return config.Default(), nil
	}
	text, err := yaml.Marshal(settings)
	if err != nil {
		return config.Config{}, fmt.Errorf("[inputs.weir.settings]: %w", err)
	}
	c, err := config.Parse("settings", text)
	var faults config.Errors
	if !errors.As(err, &faults) {
		return c, err
	}
	// Lines of the text made here would tell the user nothing: the line itself does.
	lines := strings.Split(string(text), "\n")
	var list []error
	for _, f := range faults {
		at := ""
		if f.Line >= 1 && f.Line <= len(lines) {
			at = strings.TrimSpace(lines[f.Line-1])
		}
		list = append(list, fmt.Errorf("[inputs.weir.settings] at %q: %s", at, f.Text))
	}
	return c, errors.Join(list...)
}

// pipelineClock returns the clock by its name.
func pipelineClock(name string) (pipeline.Clock, error) {
	switch name {
	case "", "wall":
		return pipeline.WallClock, nil
	case "export":
		return pipeline.ExportClock, nil
	}
	return 0, fmt.Errorf("clock = %q: use wall or export", name)
}

// trafficConfig checks what traffic is summed by.
func (in *Input) trafficConfig() (trafficConfig, error) {
	c := trafficConfig{limits: map[dimension]int{}, series: in.MaxSeries, totals: in.Totals, top: topConfig{in.TopHosts, in.MaxHosts}}
	seen := map[dimension]bool{}
	for _, name := range in.By {
		d, ok := dimensionOf(name)
		switch {
		case !ok:
			return c, fmt.Errorf("by: no such tag as %q; there are %s", name, strings.Join(dimensionNames(), ", "))
		case seen[d]:
			return c, fmt.Errorf("by: %q is listed twice", name)
		}
		seen[d] = true
	}
	for d := range numDimensions {
		if seen[d] {
			c.by = append(c.by, d)
		}
	}
	if len(c.by) > maxTags {
		return c, fmt.Errorf("by: at most %d tags, not %d", maxTags, len(c.by))
	}
	for name, limit := range in.Limits {
		d, ok := dimensionOf(name)
		switch {
		case !ok:
			return c, fmt.Errorf("limits: no such tag as %q; there are %s", name, strings.Join(dimensionNames(), ", "))
		case limit < 0 || limit > maxValues:
			return c, fmt.Errorf("limits: %s = %d: want 0 to %d", name, limit, maxValues)
		}
		c.limits[d] = limit
	}
	return c, in.checkSizes()
}

func dimensionNames() (list []string) {
	for _, d := range dimensions {
		list = append(list, d.Name)
	}
	return list
}

// Bounds of numbers in the configuration.
const (
	leastPeriod = time.Second
	mostPeriod  = time.Hour
	mostLate    = 24 * time.Hour
	mostSeries  = 1_000_000
	mostTop     = 1000
	mostHosts   = 1_000_000
	leastBuffer = 1 << 20
)

func (in *Input) checkSizes() error {
	between := func(name string, v, least, most int64) error {
		if v < least || v > most {
			return fmt.Errorf("%s = %d: want %d to %d", name, v, least, most)
		}
		return nil
	}
	span := func(name string, v Duration, least, most time.Duration) error {
		if d := time.Duration(v); d < least || d > most {
			return fmt.Errorf("%s = %v: want %v to %v", name, d, least, most)
		}
		return nil
	}
	return errors.Join(
		span("period", in.Period, leastPeriod, mostPeriod), span("hold", in.Hold, 0, mostLate), span("lateness", in.Lateness, 0, mostLate),
		between("max_series", int64(in.MaxSeries), 1, mostSeries), between("top_hosts", int64(in.TopHosts), 0, mostTop),
		between("max_hosts", int64(in.MaxHosts), 1, mostHosts), between("min_severity", int64(in.MinSeverity), 0, 100),
		between("buffer", int64(in.Buffer), leastBuffer, 1<<34),
	)
}
