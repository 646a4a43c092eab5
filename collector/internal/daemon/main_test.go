package daemon_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/interfaces/snmp/snmptest"
)

// Environment of a child process that is a daemon, see startChild.
const (
	childData   = "WEIR_TEST_DAEMON_DATA"
	childListen = "WEIR_TEST_DAEMON_LISTEN"
)

func TestMain(m *testing.M) {
	snmptest.Main()
	if os.Getenv(childData) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := runChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runChild runs a daemon until its standard input ends, which it also does when the test dies.
func runChild() error {
	cfg := testConfig(os.Getenv(childData), os.Getenv(childListen))
	cfg.Store.SealRows = childSealRows
	d, err := daemon.New(cfg, daemon.Deps{Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	if err := d.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println("up")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return d.Stop()
}
