package input

import "strings"

// sentences makes one line of an error that may be several, each a sentence with its end.
func sentences(err error) string {
	var b strings.Builder
	for _, line := range strings.Split(err.Error(), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(line)
		if !strings.HasSuffix(line, ".") {
			b.WriteByte('.')
		}
	}
	return b.String()
}
