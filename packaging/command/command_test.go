package command_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
)

// TestRun: what an error means for the exit code, and what is said of it.
func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		err  error
		code int
		says string
	}{
		"success":               {[]string{"do"}, nil, command.OK, ""},
		"failure":               {[]string{"do"}, errors.New("no server"), command.Failed, "weir-x: no server\n"},
		"failure, said already": {[]string{"do"}, fmt.Errorf("check: %w", command.ErrSaid), command.Failed, ""},
		"wrong use":             {[]string{"do"}, fmt.Errorf("do: %w", command.Usagef("--speed %d", -1)), command.WrongUse, "weir-x: do: --speed -1\nSee 'weir-x do --help'.\n"},
		"unknown flag":          {[]string{"do", "--fast"}, nil, command.WrongUse, "weir-x: unknown flag: --fast\nSee 'weir-x do --help'.\n"},
		"superfluous argument":  {[]string{"do", "it"}, nil, command.WrongUse, "weir-x: unknown command \"it\" for \"weir-x do\"\nSee 'weir-x do --help'.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			root := &cobra.Command{Use: "weir-x"}
			root.AddCommand(&cobra.Command{Use: "do", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return c.err }})
			var out, errs bytes.Buffer
			code := command.Run(context.Background(), root, c.args, command.Streams{Out: &out, Err: &errs})
			if code != c.code || errs.String() != c.says || out.Len() > 0 {
				t.Errorf("exit code %d, want %d\n%s%s", code, c.code, errs.String(), out.String())
			}
		})
	}
}

// TestLogger: both forms, and a level that is none.
func TestLogger(t *testing.T) {
	var out bytes.Buffer
	command.Logger(&out, "warn", "text").Info("not shown")
	command.Logger(&out, "loud", "json").Debug("not shown")
	if out.Len() > 0 {
		t.Error(out.String())
	}
	command.Logger(&out, "loud", "json").Info("shown")
	if !bytes.HasPrefix(out.Bytes(), []byte(`{"time":`)) {
		t.Error(out.String())
	}
}
