// Command weir-elastic sets Elasticsearch and OpenSearch up for flows, sessions and alerts, and sends them there.
package main

import (
	"os"

	"github.com/weirflow/weir/elastic/internal/cli"
	"github.com/weirflow/weir/packaging/command"
)

func main() { os.Exit(command.Main(cli.Run)) }
