package lint

import (
	"fmt"
	"strings"
)

// Stanza is a part of a .conf file.
type Stanza struct {
	Name string
	Line int
	Keys []string // in their order
	Of   map[string]string
}

// Conf is a .conf file.
type Conf []Stanza

// ParseConf reads a .conf file. A backslash at its end continues a line. What is no setting, or stands twice, is an error.
func ParseConf(text string) (Conf, error) {
	var conf Conf
	seen := map[string]bool{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		number, line := i+1, strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + "\n" + strings.TrimSpace(lines[i])
		}
		if line[0] == '[' {
			name := strings.TrimSuffix(line[1:], "]")
			switch {
			case name == line[1:]:
				return nil, fmt.Errorf("line %d: the stanza is never closed", number)
			case seen[name]:
				return nil, fmt.Errorf("line %d: the stanza %s stands twice", number, name)
			}
			seen[name] = true
			conf = append(conf, Stanza{Name: name, Line: number, Of: map[string]string{}})
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || len(conf) == 0 {
			return nil, fmt.Errorf("line %d: no setting of a stanza: %s", number, line)
		}
		s, key := &conf[len(conf)-1], strings.TrimSpace(key)
		if _, twice := s.Of[key]; twice {
			return nil, fmt.Errorf("line %d: %s stands twice in %s", number, key, s.Name)
		}
		s.Keys = append(s.Keys, key)
		s.Of[key] = strings.TrimSpace(value)
	}
	return conf, nil
}

// Stanza returns a part by name; its settings are empty where there is none.
func (c Conf) Stanza(name string) (s Stanza, ok bool) {
	for i := range c {
		if c[i].Name == name {
			return c[i], true
		}
	}
	return Stanza{}, false
}
