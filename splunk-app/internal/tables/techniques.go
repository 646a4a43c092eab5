package tables

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// tactics are those of ATT&CK (Enterprise) that a technique serves, by its number without that of a sub-technique.
var tactics = map[string]string{
	"T1046": "Discovery",
	"T1048": "Exfiltration",
	"T1078": "Initial Access, Persistence, Privilege Escalation, Defense Evasion",
	"T1110": "Credential Access",
	"T1133": "Initial Access, Persistence",
	"T1498": "Impact",
	"T1562": "Defense Evasion",
	"T1595": "Reconnaissance",
}

// named is a technique as Go sources write it.
var named = regexp.MustCompile(`\{ID: "(T\d{4}(?:\.\d{3})?)", Name: "([^"]+)"\}`)

// Techniques makes the lookup weir_techniques.csv (technique, name, tactics, url) of the techniques that the sources of Weir's detectors name:
// the Go files below the tree that are no tests.
func Techniques(sources fs.FS) ([]byte, error) {
	names := map[string]string{}
	err := fs.WalkDir(sources, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(sources, file)
		for _, m := range named.FindAllSubmatch(text, -1) {
			id, name := string(m[1]), string(m[2])
			if other := names[id]; other != "" && other != name {
				return fmt.Errorf("%s is called %q and %q", id, other, name)
			}
			names[id] = name
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	lines := [][]string{{"technique", "name", "tactics", "url"}}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		parent, sub, _ := strings.Cut(id, ".")
		serves, known := tactics[parent]
		if !known {
			return nil, fmt.Errorf("which tactics does %s (%s) serve? Add it to the table", id, names[id])
		}
		lines = append(lines, []string{id, names[id], serves, strings.TrimSuffix("https://attack.mitre.org/techniques/"+parent+"/"+sub, "/") + "/"})
	}
	return asCSV(lines)
}
