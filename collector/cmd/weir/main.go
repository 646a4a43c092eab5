// Command weir is the collector: it receives flow exports, stores them, finds attacks and answers questions about both.
package main

import (
	"os"

	"github.com/weirflow/weir/collector/internal/cli"
	"github.com/weirflow/weir/packaging/command"
)

func main() { os.Exit(command.Main(cli.Run)) }
