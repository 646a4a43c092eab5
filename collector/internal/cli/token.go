package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/packaging/command"
)

func newToken(std command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "token", Short: "Make, list and revoke tokens of the API", Args: cobra.NoArgs,
		Long: `Makes, lists and revokes the tokens by which other machines ask the API (see docs/api.md). A running collector takes changes into
account with its next request. Of a token only a hash is kept, in DIR/tokens.json.`,
		Example: "  weir token create grafana --scope read --expires 90d",
		RunE:    func(*cobra.Command, []string) error { return command.Usagef("token what? create, list or revoke") },
	}
	cmd.AddCommand(newTokenCreate(std), newTokenList(std), newTokenRevoke(std))
	return cmd
}

func tokenData(cmd *cobra.Command, data *string) {
	cmd.Flags().StringVar(data, "data", "weir-data", "data folder of the collector")
}

func newTokenCreate(std command.Streams) *cobra.Command {
	var data, scope, expires string
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Make a token and show it once", Args: cobra.ExactArgs(1),
		Long: `Makes a token and prints it, alone, on stdout: it cannot be shown again. Scopes: read asks; act also changes what the collector does;
admin also sees who may.`,
		Example: "  weir token create grafana --scope read\n  weir token create on-call --scope act --expires 90d --data /var/lib/weir",
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := token.ParseScope(scope)
			if err != nil {
				return command.Usage(err)
			}
			lifetime, err := parseLifetime(expires)
			if err != nil {
				return err
			}
			store, err := openTokens(data)
			if err != nil {
				return err
			}
			secret, err := store.Create(args[0], s, lifetime)
			if err != nil {
				return err
			}
			fmt.Fprintln(std.Out, secret)
			fmt.Fprintf(std.Err, "token %s (scope %s) is made. It is not shown again: keep it now.\n", args[0], s)
			return auditCommand(data, "token create", args[0]+" "+s.String())
		},
	}
	tokenData(cmd, &data)
	cmd.Flags().StringVar(&scope, "scope", "read", "what it may do: read, act or admin")
	cmd.Flags().StringVar(&expires, "expires", "", "how long it holds, such as 90d or 12h (default: until it is revoked)")
	return cmd
}

func newTokenList(std command.Streams) *cobra.Command {
	var data string
	var f format
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens, without their secrets", Args: cobra.NoArgs,
		Example: "  weir token list\n  weir token list --data /var/lib/weir --format json",
		RunE: func(*cobra.Command, []string) error {
			if err := f.check(); err != nil {
				return err
			}
			store, err := openTokens(data)
			if err != nil {
				return err
			}
			list, err := store.List()
			if err != nil {
				return err
			}
			if f == "json" {
				return writeJSON(std.Out, list)
			}
			return showTokens(std.Out, list, time.Now())
		},
	}
	tokenData(cmd, &data)
	f.add(cmd)
	return cmd
}

func showTokens(w io.Writer, list []token.Token, now time.Time) error {
	t := table{header: []string{"NAME", "SCOPE", "CREATED", "EXPIRES"}}
	for i := range list {
		expires := "never"
		if e := list[i].Expires; e != nil {
			expires = e.Format(time.RFC3339)
		}
		if list[i].Expired(now) {
			expires += " (expired)"
		}
		t.add(list[i].Name, list[i].Scope.String(), list[i].Created.Format(time.RFC3339), expires)
	}
	return t.write(w)
}

func newTokenRevoke(std command.Streams) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use: "revoke NAME", Short: "Revoke a token at once", Args: cobra.ExactArgs(1),
		Example: "  weir token revoke grafana",
		RunE: func(_ *cobra.Command, args []string) error {
			store, err := openTokens(data)
			if err != nil {
				return err
			}
			if err := store.Revoke(args[0]); err != nil {
				return err
			}
			fmt.Fprintf(std.Err, "token %s is revoked.\n", args[0])
			return auditCommand(data, "token revoke", args[0])
		},
	}
	tokenData(cmd, &data)
	return cmd
}

func openTokens(data string) (*token.Store, error) {
	if info, err := os.Stat(data); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: use --data DIR with the folder of `weir run`", data)
	}
	return token.New(data, time.Now), nil
}

// auditCommand writes a line about a change that was made.
func auditCommand(data, what, about string) error {
	l, err := audit.Open(audit.Config{Dir: data}, nil)
	if err != nil {
		return err
	}
	l.Write(audit.Entry{Time: time.Now(), Address: "command", Method: what, Path: about, Status: 200})
	if l.Stats().Failed > 0 {
		return errors.Join(errors.New("the change is made, but could not be written to the audit"), l.Close())
	}
	return l.Close()
}

// parseLifetime reads a duration of hours, days or weeks; "" is without end.
func parseLifetime(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	units := map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	number := strings.TrimRight(text, "hdw")
	n, err := strconv.Atoi(number)
	if unit := units[text[len(number):]]; err == nil && unit > 0 && n > 0 && n <= int(100*365*24*time.Hour/unit) {
		return time.Duration(n) * unit, nil
	}
	return 0, command.Usagef("--expires %s: want a number of hours, days or weeks such as 12h, 90d or 4w", text)
}
