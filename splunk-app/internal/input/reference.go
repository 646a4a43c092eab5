package input

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/sink/cim"
)

// restartAfter is after how many seconds splunkd starts an input again that has ended: never at once, as one that cannot start would
// then be started without end.
const restartAfter = 10

// Spec returns the text of README/inputs.conf.spec of the app that has the input.
func Spec() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Parameters of the input %s. See docs/splunk-input.md of Weir.\n\n[%s://<name>]\n", SchemeName, SchemeName)
	fmt.Fprintf(&b, "* %s Each stanza has a process of its own.\n\n", Scheme().Description)
	for _, p := range parameters() {
		fmt.Fprintf(&b, "%s = <%s>\n* %s\n", p.Name, p.Type, p.Description)
		if p.Default != "" {
			fmt.Fprintf(&b, "* Default: %s\n", p.Default)
		}
		fmt.Fprintf(&b, "* Example: %s\n\n", p.Example)
	}
	fmt.Fprintf(&b, "interval = <number>\n* After how many seconds the input is started again when it has ended.\n* Default: %d\n\n", restartAfter)
	b.WriteString("start_by_shell = <boolean>\n* Whether a shell starts the input. With a shell in between, signals would not reach it.\n* Default: false\n")
	return b.String()
}

// Conf returns the text of default/inputs.conf of the app that has the input: what all its stanzas have. It starts no input.
func Conf() string {
	return fmt.Sprintf("# What all inputs of Weir have; stanzas [%s://NAME] go into local/inputs.conf, and README/inputs.conf.spec says what they may say.\n[%s]\ninterval = %d\nstart_by_shell = false\n",
		SchemeName, SchemeName, restartAfter)
}

// Reference returns the table of parameters for the documentation.
func Reference() string {
	var b strings.Builder
	b.WriteString("| Parameter | Default | What it is |\n| --- | --- | --- |\n")
	for _, p := range parameters() {
		def := "none"
		switch {
		case strings.HasPrefix(p.Name, "index_"):
			def = p.Default
		case p.Default != "":
			def = "`" + p.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s Example: `%s` |\n", p.Name, def, p.Description, p.Example)
	}
	return b.String()
}

// Kinds returns the table of the events for the documentation.
func Kinds() string {
	var b strings.Builder
	b.WriteString("| Sourcetype | When `flows` is | What it is |\n| --- | --- | --- |\n")
	when := map[cim.Kind]string{cim.Flow: "all", cim.Session: "sessions, all", cim.Traffic: "aggregated"}
	for _, k := range cim.Kinds() {
		w := when[k]
		if w == "" {
			w = "anything"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Sourcetype(), w, k.Doc())
	}
	return b.String()
}
