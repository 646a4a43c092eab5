package cli_test

import (
	"os"
	"testing"

	"github.com/weirflow/weir/elastic/internal/cli"
	"github.com/weirflow/weir/packaging/command"
)

// asCommand in the environment makes the test binary the command weir-elastic, for tests that need a process of their own.
const asCommand = "WEIR_TEST_ELASTIC_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(command.Main(cli.Run))
	}
	os.Exit(m.Run())
}
