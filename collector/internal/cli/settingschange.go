package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// changeFlags are the conditions of a change.
type changeFlags struct {
	settingsFlags
	options query.SettingOptions
}

func (f *changeFlags) add(cmd *cobra.Command) {
	f.settingsFlags.add(cmd)
	cmd.Flags().BoolVar(&f.options.DryRun, "dry-run", false, "only check it, and show what would be different")
	cmd.Flags().StringVar(&f.options.IfMatch, "if-match", "", "only if it still has this tag (weir settings get shows it): nobody has changed it since")
}

func newSettingsSet(std command.Streams) *cobra.Command {
	var f changeFlags
	var file string
	cmd := &cobra.Command{
		Use: "set KIND [NAME] [VALUE]", Short: "Make or replace an entry", Args: cobra.RangeArgs(1, 3),
		Long: `Makes an entry, or replaces the one of its name. VALUE is what stands below the name in weir.yaml, as YAML or JSON; of inside it is the
list. It is checked as weir config check does, and in force when the command returns.`,
		Example: `  weir settings set groups web '{cidrs: [10.1.80.0/24], ports: [80, 443]}'
  weir settings set policies large-upload --file large-upload.yaml --dry-run
  weir settings set exporters 192.0.2.1 '{sampling: 1000}' --url https://weir.example.net:8474
  weir settings set inside '[10.0.0.0/8, 192.0.2.0/24]'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			value := ""
			if file == "" {
				if len(args) < 2 {
					return command.Usagef("set it to what? give a VALUE, or --file")
				}
				args, value = args[:len(args)-1], args[len(args)-1]
			}
			kind, name, err := named(args)
			if err != nil {
				return err
			}
			body, err := settingValue(std.In, kind, file, value)
			if err != nil {
				return err
			}
			c, err := f.running(cmd.Context())
			if err != nil {
				return err
			}
			done, err := c.PutSetting(cmd.Context(), kind, name, body, f.condition())
			return f.show(std.Out, done, err)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&file, "file", "", "read VALUE from this file, - is standard input")
	cmd.Flags().BoolVar(&f.options.IfNone, "new", false, "only if there is none of this name")
	return cmd
}

// condition returns the options of a change; tags are shown without their quotes.
func (f *changeFlags) condition() query.SettingOptions {
	o := f.options
	if o.IfMatch != "" && o.IfMatch != "*" && !strings.HasPrefix(o.IfMatch, `"`) {
		o.IfMatch = strconv.Quote(o.IfMatch)
	}
	return o
}

// settingValue reads a value, as YAML or JSON.
func settingValue(in io.Reader, kind, file, value string) (json.RawMessage, error) {
	text := []byte(value)
	var err error
	switch file {
	case "":
	case "-":
		text, err = io.ReadAll(in)
	default:
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read value: %w", err)
	}
	body, err := config.SettingJSON(text)
	if err != nil {
		return nil, err
	}
	if kind == string(config.InsideSetting) && len(body) > 0 && body[0] == '[' { // as weir.yaml has it
		body = json.RawMessage(`{"cidrs":` + string(body) + `}`)
	}
	return body, nil
}

// show prints what a change came to.
func (f *changeFlags) show(w io.Writer, done query.SettingsChange, err error) error {
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(w, done)
	}
	showDifferences(w, done.Changes)
	switch {
	case len(done.Changes) == 0:
		fmt.Fprintf(w, "nothing is different: settings version %d\n", done.Version)
	case done.DryRun:
		fmt.Fprintln(w, "a dry run: nothing is changed")
	case done.Applied != query.AppliedNow:
		fmt.Fprintf(w, "settings version %d is kept, and in force after a restart\n", done.Version)
		return errors.New("the running collector could not take the change: its log says why")
	default:
		fmt.Fprintf(w, "settings version %d is in force\n", done.Version)
	}
	return nil
}

func showDifferences(w io.Writer, list []query.SettingDifference) {
	for _, d := range list {
		fmt.Fprintf(w, "%s %s\n", d.Kind, d.Name)
		for _, side := range []struct {
			sign  string
			value json.RawMessage
		}{{"-", d.Before}, {"+", d.After}} {
			if text := strings.TrimSpace(string(side.value)); text != "" && text != "null" {
				fmt.Fprintf(w, "  %s %s\n", side.sign, text)
			}
		}
	}
}

func newSettingsDelete(std command.Streams) *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use: "delete KIND [NAME]", Short: "Remove an entry that was made through the API", Args: cobra.RangeArgs(1, 2),
		Example: "  weir settings delete groups web\n  weir settings delete policies large-upload --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, name, err := named(args)
			if err != nil {
				return err
			}
			c, err := f.running(cmd.Context())
			if err != nil {
				return err
			}
			done, err := c.DeleteSetting(cmd.Context(), kind, name, f.condition())
			return f.show(std.Out, done, err)
		},
	}
	f.add(cmd)
	return cmd
}

func newSettingsHistory(std command.Streams) *cobra.Command {
	var f settingsFlags
	cmd := &cobra.Command{
		Use: "history [VERSION]", Short: "List the changes, who made them and when, or show one", Args: cobra.MaximumNArgs(1),
		Long:    `Lists the versions of the settings, newest first: when and by whom each was made, and how. With a VERSION it shows what that changed.`,
		Example: "  weir settings history\n  weir settings history 7\n  weir settings history 7 --format json",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.running(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) > 0 {
				return f.showVersion(cmd, c, args[0], std)
			}
			list, err := c.SettingsVersions(cmd.Context())
			if err != nil {
				return err
			}
			if f.format == "json" {
				return writeJSON(std.Out, list)
			}
			t := table{header: []string{"VERSION", "TIME", "TOKEN", "FROM", "CHANGE"}}
			for _, v := range list {
				t.add(strconv.Itoa(v.Version), clock(v.Time), v.Token, v.Address, v.Action)
			}
			return t.write(std.Out)
		},
	}
	f.add(cmd)
	return cmd
}

func (f *settingsFlags) showVersion(cmd *cobra.Command, c *query.Client, text string, std command.Streams) error {
	n, err := versionNumber(text)
	if err != nil {
		return err
	}
	v, err := c.SettingsVersion(cmd.Context(), n)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(std.Out, v)
	}
	who := v.Token
	if who == "" {
		who = v.Address
	}
	fmt.Fprintf(std.Out, "version %d, %s by %s: %s\n", v.Version, clock(v.Time), who, v.Action)
	showDifferences(std.Out, v.Changes)
	return nil
}

func versionNumber(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, command.Usagef("%q is not the number of a version: weir settings history lists them", text)
	}
	return int(n), nil
}

func newSettingsRestore(std command.Streams) *cobra.Command {
	var f changeFlags
	cmd := &cobra.Command{
		Use: "restore VERSION", Short: "Make all settings what they were in a version", Args: cobra.ExactArgs(1),
		Long:    `Makes what was changed through the API what it was in a version, as a new version. 0 is before all changes: weir.yaml alone.`,
		Example: "  weir settings restore 7 --dry-run\n  weir settings restore 7",
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := versionNumber(args[0])
			if err != nil {
				return err
			}
			c, err := f.running(cmd.Context())
			if err != nil {
				return err
			}
			done, err := c.RestoreSettings(cmd.Context(), n, f.condition())
			return f.show(std.Out, done, err)
		},
	}
	f.add(cmd)
	return cmd
}
