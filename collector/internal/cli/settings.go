package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// settingsFlags say which collector's settings.
type settingsFlags struct {
	source
	format
}

func (f *settingsFlags) add(cmd *cobra.Command) {
	f.source.add(cmd)
	cmd.Flags().Lookup("data").Usage = "data folder of the running collector"
	f.format.add(cmd)
}

// running returns a client of the running collector: only that knows what is in force.
func (f *settingsFlags) running(ctx context.Context) (*query.Client, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	c, err := f.collector(ctx)
	if err == nil && c == nil {
		err = fmt.Errorf("no collector runs on %s: use --data DIR with the folder of `weir run`, or --url", f.data)
	}
	return c, err
}

// checkKind says which kinds there are, where kind is none.
func checkKind(kind string) error {
	var names []string
	for _, k := range config.SettingKinds() {
		names = append(names, string(k))
	}
	if !slices.Contains(names, kind) {
		return command.Usagef("%q is no kind of setting: use %s", kind, strings.Join(names, ", "))
	}
	return nil
}

func newSettings(std command.Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "settings", Short: "Show and change groups, exporters, policies, pivots and inside networks of a running collector", Args: cobra.NoArgs,
		Long: `Shows what a running collector knows of traffic groups, exporters, policies, pivots and inside networks, and changes it without a restart
and without losing records. What is in weir.yaml is changed there; what is made here is kept in the data folder, in versions that can be
restored. See docs/settings.md.`,
		Example: "  weir settings list\n  weir settings set groups web '{cidrs: [10.1.80.0/24], ports: [80, 443]}'\n  weir settings history",
		RunE: func(*cobra.Command, []string) error {
			return command.Usagef("settings what? list, get, set, delete, history or restore")
		},
	}
	cmd.AddCommand(newSettingsList(std), newSettingsGet(std), newSettingsSet(std), newSettingsDelete(std), newSettingsHistory(std), newSettingsRestore(std))
	return cmd
}

func newSettingsList(std command.Streams) *cobra.Command {
	var f settingsFlags
	cmd := &cobra.Command{
		Use: "list [KIND]", Short: "List what is in force, and where it comes from", Args: cobra.MaximumNArgs(1),
		Long:    `Lists the entries in force and where each comes from: weir.yaml (file), a change through the API (api), or Weir itself. KIND is inside, groups, exporters, policies or pivots.`,
		Example: "  weir settings list\n  weir settings list policies --url https://weir.example.net:8474",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				if err := checkKind(args[0]); err != nil {
					return err
				}
			}
			c, err := f.running(cmd.Context())
			if err != nil {
				return err
			}
			all, _, err := c.Settings(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) > 0 {
				all.Settings = slices.DeleteFunc(all.Settings, func(s query.Setting) bool { return s.Kind != args[0] })
			}
			if f.format == "json" {
				return writeJSON(std.Out, all)
			}
			return showSettings(std, all)
		},
	}
	f.add(cmd)
	return cmd
}

func showSettings(std command.Streams, all query.Settings) error {
	t := table{header: []string{"KIND", "NAME", "FROM", "VERSION", "VALUE"}}
	for _, s := range all.Settings {
		version := ""
		if s.Version > 0 {
			version = fmt.Sprint(s.Version)
		}
		from := s.Source
		if s.SetAside {
			from += " (that of the API is set aside)"
		}
		t.add(s.Kind, s.Name, from, version, shorten(string(s.Value)))
	}
	if err := t.write(std.Out); err != nil {
		return err
	}
	fmt.Fprintf(std.Out, "settings version %d\n", all.Version)
	return nil
}

// shorten cuts a value for a table.
func shorten(text string) string {
	const most = 80
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}

func newSettingsGet(std command.Streams) *cobra.Command {
	var f settingsFlags
	cmd := &cobra.Command{
		Use: "get KIND [NAME]", Short: "Print an entry as weir.yaml has it", Args: cobra.RangeArgs(1, 2),
		Long:    `Prints an entry as it would stand in weir.yaml. With --format json it is answered as the API does.`,
		Example: "  weir settings get groups web\n  weir settings get exporters 192.0.2.1\n  weir settings get inside",
		RunE: func(cmd *cobra.Command, args []string) error {
			kind, name, err := named(args)
			if err != nil {
				return err
			}
			c, err := f.running(cmd.Context())
			if err != nil {
				return err
			}
			s, tag, err := c.Setting(cmd.Context(), kind, name)
			if err != nil {
				return err
			}
			if f.format == "json" {
				return writeJSON(std.Out, s)
			}
			text, err := config.SettingYAML(config.Setting{Kind: config.SettingKind(s.Kind), Name: s.Name, Value: s.Value})
			if err != nil {
				return err
			}
			from := "from " + s.Source
			if s.Version > 0 {
				from += fmt.Sprintf(", version %d", s.Version)
			}
			fmt.Fprintf(std.Out, "# %s, tag %s\n%s", from, strings.Trim(tag, `"`), text)
			return nil
		},
	}
	f.add(cmd)
	return cmd
}

// named reads KIND and NAME; inside needs no name.
func named(args []string) (kind, name string, err error) {
	if err := checkKind(args[0]); err != nil {
		return "", "", err
	}
	inside := args[0] == string(config.InsideSetting)
	switch {
	case inside && len(args) == 1:
		return args[0], args[0], nil
	case inside:
		return "", "", command.Usagef("inside has no name: it is one list")
	case len(args) < 2:
		return "", "", command.Usagef("which of the %s? give its name", args[0])
	}
	return args[0], args[1], nil
}
