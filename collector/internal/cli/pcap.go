package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/headers"
)

type pcapFlags struct {
	source
	out string
}

func newPcap(std command.Streams) *cobra.Command {
	var f pcapFlags
	cmd := &cobra.Command{
		Use:   "pcap ALERT-ID",
		Short: "Export the packet headers around an alert as a capture",
		Long: "Exports the headers of sampled packets (sFlow) that were kept around an alert: those of its hosts, from before its start until\n" +
			"after it was raised. The capture has the packets' original lengths. See `sflow` in weir.yaml for how much is kept.",
		Example: "  weir pcap 5f1c2a0b9d3e4f60718293a4b5c6d7e8 -o flood.pcap\n  weir pcap 5f1c2a0b9d3e4f60718293a4b5c6d7e8 | tshark -r -",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), args[0], std) },
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&f.out, "output", "o", "-", "file to write to; - is stdout")
	return cmd
}

func (f *pcapFlags) run(ctx context.Context, id string, std command.Streams) error {
	if !headers.ValidID(id) {
		return command.Usagef("%q is no id of an alert: weir alerts --format json shows them", id)
	}
	if f.out == "-" {
		return f.export(ctx, id, std.Out)
	}
	file, err := os.Create(f.out)
	if err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	if err := errors.Join(f.export(ctx, id, file), file.Close()); err != nil {
		_ = os.Remove(f.out) // the error that counts is err
		return err
	}
	return nil
}

// export copies the capture from the collector's API or from the data folder, where it lies whether a collector runs or not.
func (f *pcapFlags) export(ctx context.Context, id string, to io.Writer) error {
	if f.url != "" {
		c, err := f.client()
		if err != nil {
			return err
		}
		return c.Pcap(ctx, id, to)
	}
	file, err := headers.Open(filepath.Join(f.data, daemon.HeadersName), id)
	if err != nil {
		return fmt.Errorf("%w (only the daemon keeps them, of sFlow, and `sflow.headers` in weir.yaml says how much)", err)
	}
	defer file.Close()
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	return nil
}
