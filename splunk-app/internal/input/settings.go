package input

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink/cim"
)

// Settings are the parameters of a stanza, checked.
type Settings struct {
	Collector  config.Config
	Clock      pipeline.Clock
	Flows      cim.Flows
	Buffer     int64 // bytes
	LogLevel   slog.Level
	Index      map[cim.Kind]string // those given
	Sourcetype map[cim.Kind]string // those given
}

// implicit are parameters that every input of Splunk may have, whatever its scheme.
var implicit = []string{
	"name", "host", "index", "source", "sourcetype", "interval", "disabled", "start_by_shell", "queue", "python.version", "python.required", "passAuth",
	"persistentQueueSize", "queueSize", "run_introspection", "eai:acl", "eai:appName", "eai:userName",
}

// ReadSettings reads the parameters of a stanza. All errors are told at once, each a sentence that begins with the parameter. Unknown names
// are no errors, as versions of Splunk add their own; they are returned.
func ReadSettings(params map[string]string) (Settings, []string, error) {
	g := given{Settings: Settings{Flows: defaultFlows, Buffer: defaultBufferMB << 20, Index: map[cim.Kind]string{}, Sourcetype: map[cim.Kind]string{}}}
	var errs []error
	left := maps.Clone(params)
	for _, p := range parameters() {
		text := strings.TrimSpace(params[p.Name])
		delete(left, p.Name)
		if text == "" {
			continue
		}
		if err := p.take(&g, text); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.Name, err))
		}
	}
	unknown := slices.DeleteFunc(slices.Sorted(maps.Keys(left)), func(name string) bool {
		return slices.Contains(implicit, name) || strings.HasPrefix(name, "_")
	})
	if err := g.collector(); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return Settings{}, unknown, err
	}
	return g.Settings, unknown, g.check()
}

// check builds what can be built without opening anything.
func (s *Settings) check() error {
	if _, err := pipeline.Assemble(s.Collector, slog.New(slog.DiscardHandler)); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if err := pipeline.CheckFiles(s.Collector); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return nil
}

// detectMemory is what the detectors' tables may take, unless the configuration says otherwise.
const detectMemory = 256 << 20

// collector makes the configuration of the pipeline: that of the file, or what the parameters say.
func (g *given) collector() error {
	if g.file != "" && len(g.inside)+len(g.groups) > 0 {
		return errors.New("config: a file and inside or groups exclude each other; write them into the file")
	}
	var errs []error
	c := config.Default()
	if g.file != "" {
		var err error
		if c, err = config.Load(g.file); err != nil {
			errs = append(errs, told("config", err, true))
			c = config.Default()
		}
	}
	if len(g.listen) > 0 {
		l, err := parsed("listen", g.listen)
		errs = append(errs, err)
		if len(l.Streams.TLS) > 0 {
			errs = append(errs, errors.New("listen: tls:// addresses need certificates; write listen into the file of config"))
		}
		c.Listen, c.Streams.TCP, c.Streams.TLS = l.Listen, l.Streams.TCP, nil
	}
	if len(g.inside) > 0 {
		i, err := parsed("inside", g.inside)
		errs = append(errs, err)
		c.Inside, c.InsideGiven = i.Inside, i.InsideGiven
	}
	if len(g.groups) > 0 {
		i, err := parsed("groups", groupsValue(g.groups))
		errs = append(errs, err)
		c.Groups = i.Groups
	}
	if c.Detect.Memory == 0 {
		c.Detect.Memory = detectMemory
	}
	g.Collector = c
	return errors.Join(errs...)
}

var tlsFault = regexp.MustCompile(`^tls://`)

// parsed reads a key of weir.yaml; its errors are the parameter's.
func parsed(name string, value any) (config.Config, error) {
	text, err := yaml.Marshal(map[string]any{name: value})
	if err != nil {
		return config.Config{}, fmt.Errorf("%s: %w", name, err)
	}
	c, err := config.Parse(name, text)
	return c, told(name, err, false)
}

// told makes a sentence of each fault of a configuration: where it stands is said of files only.
func told(name string, err error, place bool) error {
	var faults config.Errors
	if !errors.As(err, &faults) {
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err
	}
	var errs []error
	for _, f := range faults {
		switch {
		case place:
			errs = append(errs, fmt.Errorf("%s: %w", name, f))
		case tlsFault.MatchString(f.Text):
			errs = append(errs, fmt.Errorf("%s: tls:// addresses need certificates; write them into the file of config", name))
		default:
			errs = append(errs, fmt.Errorf("%s: %s", name, f.Text))
		}
	}
	return errors.Join(errs...)
}

// groupText is a group as a parameter has it.
type groupText struct {
	name         string
	cidrs, ports []string
}

var portToken = regexp.MustCompile(`^[0-9]+(-[0-9]+)?$`)

// parseGroups reads "servers: 10.1.0.0/16; web: 10.1.80.0/24 80 443".
func parseGroups(text string) (list []groupText, err error) {
	for _, part := range strings.Split(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, rest, found := strings.Cut(part, ":")
		g := groupText{name: strings.TrimSpace(name)}
		for _, token := range fields(rest) {
			if portToken.MatchString(token) {
				g.ports = append(g.ports, token)
			} else {
				g.cidrs = append(g.cidrs, token)
			}
		}
		switch {
		case !found || g.name == "" || len(g.cidrs)+len(g.ports) == 0:
			return nil, fmt.Errorf("%q is not a group; write NAME: CIDR ... PORT ..., with ; between groups", strings.TrimSpace(part))
		case slices.ContainsFunc(list, func(o groupText) bool { return o.name == g.name }):
			return nil, fmt.Errorf("group %q is there twice", g.name)
		}
		list = append(list, g)
	}
	return list, nil
}

// groupsValue returns groups as weir.yaml has them.
func groupsValue(list []groupText) map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for _, g := range list {
		all[g.name] = map[string][]string{}
		if len(g.cidrs) > 0 {
			all[g.name]["cidrs"] = g.cidrs
		}
		if len(g.ports) > 0 {
			all[g.name]["ports"] = g.ports
		}
	}
	return all
}

// restMemory is what all but the detectors' tables and the buffer takes.
const restMemory = 96 << 20

// Memory returns how many bytes a stanza may take, about.
func (s *Settings) Memory() int64 { return s.Collector.Detect.Memory + s.Buffer + restMemory }
