package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
)

var update = flag.Bool("update", false, "write docs/commands.md anew")

const commandsPage = "../../../docs/commands.md"

// TestCommandsDoc: docs/commands.md is what the commands say of themselves.
func TestCommandsDoc(t *testing.T) {
	var page strings.Builder
	page.WriteString("# Commands\n\nMade from the commands' own help by `make docs`. Flags may stand before or after arguments. Exit codes: 0 success, 1 a failed run, 2 wrong use.\n")
	writeCommands(&page, newRoot(command.Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}))
	if *update {
		if err := os.WriteFile(commandsPage, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(commandsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != page.String() {
		t.Error("docs/commands.md is stale: run make docs")
	}
}

func writeCommands(w *strings.Builder, parent *cobra.Command) {
	for _, c := range parent.Commands() {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		long := c.Long
		if long == "" {
			long = c.Short + "."
		}
		fmt.Fprintf(w, "\n## %s\n\n%s\n\n```sh\n%s\n```\n", strings.TrimSpace(c.Parent().CommandPath()+" "+c.Use), long, outdent(c.Example))
		if flags := c.LocalFlags().FlagUsages(); flags != "" {
			fmt.Fprintf(w, "\n```\n%s```\n", flags)
		}
		writeCommands(w, c)
	}
}

func outdent(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}
