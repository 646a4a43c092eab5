package input

import (
	"fmt"
	"path/filepath"
	"strings"
)

// stateDir returns the folder of a stanza below the scheme's. Other signs than letters, digits, - and _ are written as %XX, so that stanzas never
// share a folder nor leave the scheme's.
func stateDir(checkpoints, stanza string) string {
	if checkpoints == "" {
		return ""
	}
	name := strings.TrimPrefix(stanza, SchemeName+"://")
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return filepath.Join(checkpoints, b.String())
}
