package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/traffic"
)

type demoFlags struct {
	configFlag
	once bool
	seed uint64
}

func newDemo(std command.Streams) *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: a day of traffic with an intrusion, played through real sockets",
		Long: `Starts a collector in a temporary folder, generates a day of an office's traffic with an intrusion in it (guessed passwords, a scan from
inside, the next host, a scan of thousands of addresses outside, data sent out), sends it through UDP sockets as fast as the collector takes it,
prints alerts as they come, the story that they tell and a summary, and keeps serving until Ctrl-C. Nothing is left behind.`,
		Example: "  weir demo\n  weir demo --once --seed 7",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), std) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.once, "once", false, "exit after the summary")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "another seed is another day")
	return cmd
}

// demo is a running demonstration.
type demo struct {
	out     io.Writer
	dir     string
	daemon  *daemon.Daemon
	capture string
}

func (f *demoFlags) run(ctx context.Context, std command.Streams) (err error) {
	dir, err := os.MkdirTemp("", "weir-demo-")
	if err != nil {
		return fmt.Errorf("temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{out: std.Out, dir: dir, capture: filepath.Join(dir, "traffic.pcap")}
	if err := d.generate(ctx, f.seed); err != nil {
		return err
	}
	cfg, err := f.load(d.capture)
	if err != nil {
		return err
	}
	if err := d.start(ctx, cfg, std); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.daemon.Stop()) }()
	if err := d.play(ctx, std); err != nil {
		return err
	}
	if err := d.summarize(ctx); err != nil {
		return err
	}
	if !f.once {
		d.serve(ctx)
	}
	return nil
}

// demoScale makes the intrusion a twentieth of the real one, which tried 500,000 hosts: enough to see, and played in seconds.
const demoScale = 0.05

func (d *demo) generate(ctx context.Context, seed uint64) error {
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Scale = "walkthrough", seed, demoScale
	result, err := traffic.WriteDir(ctx, cfg, d.dir)
	if err != nil {
		return fmt.Errorf("generate traffic: %w", err)
	}
	fmt.Fprintf(d.out, "An office of %d hosts, a day, %d flow records from 2 routers (NetFlow v9). Somewhere in it somebody breaks in.\n\n", cfg.Hosts, result.Records)
	return nil
}

func (d *demo) data() string { return filepath.Join(d.dir, "data") }

// start runs a collector on a free port of the loopback interface; one socket, so that datagrams stay in order.
func (d *demo) start(ctx context.Context, cfg config.Config, std command.Streams) (err error) {
	cfg.Data, cfg.Listen, cfg.API.Listen = d.data(), []string{"127.0.0.1:0"}, "127.0.0.1:0"
	cfg.Outputs = nil // nobody is called for a demonstration
	log := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d.daemon, err = daemon.New(daemon.Config{Config: cfg, Clock: pipeline.ExportClock},
		daemon.Deps{Log: log, Alerts: []sink.Alerts{&ticker{w: d.out, seen: map[string]bool{}}}})
	if err != nil {
		return err
	}
	return d.daemon.Start(ctx)
}

// window is how many datagrams may be on their way: what even a small socket buffer holds. The sender goes by rounds of four
// times its batch, which must fit in.
const (
	window    = 64
	sendBatch = window / 4
)

// stalled is how long the demo waits for a datagram that has got lost before it goes on without it.
const stalled = 2 * time.Second

func (d *demo) play(ctx context.Context, std command.Streams) error {
	captures, err := listen.MergeCaptures([]string{d.capture}, listen.CaptureConfig{})
	if err != nil {
		return err
	}
	defer captures.Close()
	bar := newProgress(std.Err, "playing")
	sender, err := send.New(send.Config{To: d.daemon.Sockets()[0].Address.String(), Batch: sendBatch}, send.Deps{
		Admit: d.admit, Progress: func(send.Progress) {
			read, size := captures.Position()
			bar.show(float64(read) / float64(max(size, 1)))
		},
	})
	if err != nil {
		return err
	}
	begin := time.Now()
	sent, err := sender.Send(ctx, captures)
	bar.done()
	if err == nil {
		err = d.admit(ctx, sent.Datagrams+window)
	}
	if err := errors.Join(err, d.daemon.Pipeline().Finish(ctx), d.daemon.Store().Flush(ctx)); err != nil {
		return fmt.Errorf("play: %w", err)
	}
	fmt.Fprintf(d.out, "\nPlayed a day in %.1f s: %d datagrams through UDP sockets.\n", time.Since(begin).Seconds(), sent.Datagrams)
	return nil
}

// admit waits until all but a window of the datagrams sent so far have been taken off the socket.
func (d *demo) admit(ctx context.Context, upTo uint64) error {
	for until := time.Now().Add(stalled); time.Now().Before(until); {
		s := d.daemon.Sockets()[0]
		if s.Delivered+s.KernelDrops+window >= upTo {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Microsecond):
		}
	}
	return nil
}
