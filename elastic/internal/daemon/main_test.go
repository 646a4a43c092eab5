package daemon_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/elastic/internal/daemon"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// Environment of a child process that is a daemon, see startChild.
const (
	childData   = "WEIR_TEST_ELASTIC_DATA"
	childListen = "WEIR_TEST_ELASTIC_LISTEN"
	childServer = "WEIR_TEST_ELASTIC_SERVER"
)

// TestMain leaves out what waits for a real server, which ends with the process.
func TestMain(m *testing.M) {
	if os.Getenv(childData) == "" {
		goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
		return
	}
	if err := runChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings is the default configuration with a cluster and free ports.
func settings(data, listen, server, namespace string) config.Config {
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.Receive.Workers = data, []string{listen}, 1
	cfg.Elastic.Nodes, cfg.Elastic.Namespace = []string{server}, namespace
	cfg.API.Listen = "127.0.0.1:0"
	return cfg
}

// runChild runs a daemon until its standard input ends, which it also does when the test dies. Each line of it is answered with the accounts.
func runChild() error {
	cfg := settings(os.Getenv(childData), os.Getenv(childListen), os.Getenv(childServer), "restart")
	c, err := sink.Connect(cfg.Elastic)
	if err != nil {
		return err
	}
	d, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{Server: c, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	if err := d.Start(context.Background()); err != nil {
		return err
	}
	fmt.Println("up")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var list []query.Exporter
		for _, s := range d.Account().Streams() {
			list = append(list, query.ExporterOf(s))
		}
		if err := json.NewEncoder(os.Stdout).Encode(list); err != nil {
			return err
		}
	}
	return errors.Join(lines.Err(), d.Stop())
}
