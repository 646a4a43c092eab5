package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
)

func newSend(std command.Streams) *cobra.Command {
	var cfg send.Config
	var speed string
	cmd := &cobra.Command{
		Use:   "send FILE... --to HOST:PORT",
		Short: "Send a capture's datagrams to a collector",
		Long: `Sends the datagrams of captures, and the messages of IPFIX files, merged by time. To a loopback target each exporter of the capture gets a loopback source address of its
own (127.0.0.2, 127.0.0.3, ...), so that the collector tells them apart.`,
		Example: "  weir send router.pcap --to 127.0.0.1:2055 --speed 60",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) (err error) {
			if cfg.To == "" {
				return command.Usagef("--to HOST:PORT is required")
			}
			if cfg.Rate == 0 || cmd.Flags().Changed("speed") {
				if cfg.Speed, err = parseSpeed(speed); err != nil {
					return err
				}
			}
			return runSend(cmd.Context(), cfg, files, std)
		},
	}
	cmd.Flags().StringVar(&cfg.To, "to", "", "target (required)")
	cmd.Flags().StringVar(&speed, "speed", "1", "max, or a multiple of the capture's own speed")
	cmd.Flags().Float64Var(&cfg.Rate, "rate", 0, "datagrams a second, instead of --speed")
	return cmd
}

func runSend(ctx context.Context, cfg send.Config, files []string, std command.Streams) error {
	captures, err := listen.MergeCaptures(files, listen.CaptureConfig{})
	if err != nil {
		return err
	}
	defer captures.Close()
	bar := newProgress(std.Err, "sending")
	sender, err := send.New(cfg, send.Deps{Now: time.Now, Progress: func(send.Progress) {
		if read, size := captures.Position(); size > 0 {
			bar.show(float64(read) / float64(size))
		}
	}})
	if err != nil {
		return command.Usage(err)
	}
	sent, err := sender.Send(ctx, captures)
	bar.done()
	fmt.Fprintf(std.Out, "%d datagrams, %d bytes, %d exporters\n", sent.Datagrams, sent.Bytes, sent.Exporters)
	if sent.Unreachable > 0 {
		err = errors.Join(err, fmt.Errorf("nothing listens on %s: is the collector running?", cfg.To))
	}
	return err
}
