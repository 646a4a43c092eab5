package execd

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/influxdata/telegraf"

	"github.com/weirflow/weir/telegraf-input/flowinput"
)

// plugin is what a configuration file says. LogLevel is a key that Telegraf itself has for plugins that are built in.
type plugin struct {
	*flowinput.Input
	LogLevel string `toml:"log_level"`
}

// variable is a reference to a variable of the environment, as Telegraf's configurations have them.
var variable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}`)

// load reads the only [[inputs.weir]] of a file; no path gives the defaults.
func load(path string) (plugin, error) {
	p := plugin{Input: flowinput.New(), LogLevel: "info"}
	if path == "" {
		return p, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return p, fmt.Errorf("read configuration: %w", err)
	}
	return p, p.parse(path, variable.ReplaceAllStringFunc(string(text), func(ref string) string { return os.Getenv(ref[2 : len(ref)-1]) }))
}

func (p *plugin) parse(path, text string) error {
	var file struct {
		Inputs map[string][]toml.Primitive `toml:"inputs"`
	}
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(file.Inputs) != 1 || len(file.Inputs["weir"]) != 1 {
		return fmt.Errorf("%s: one [[inputs.weir]] belongs into the file, and nothing else", path)
	}
	if err := meta.PrimitiveDecode(file.Inputs["weir"][0], p); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var unknown []error
	for _, key := range meta.Undecoded() {
		if len(key) > 3 && key[2] == "settings" { // taken as they are
			continue
		}
		unknown = append(unknown, fmt.Errorf("%s: unknown key %q; weir-telegraf --usage shows all", path, strings.TrimPrefix(key.String(), "inputs.weir.")))
	}
	if telegraf.LogLevelFromString(p.LogLevel) == telegraf.None {
		unknown = append(unknown, fmt.Errorf("%s: log_level = %q: use error, warn, info, debug or trace", path, p.LogLevel))
	}
	return errors.Join(unknown...)
}
