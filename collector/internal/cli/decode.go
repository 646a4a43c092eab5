package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
)

func newDecode(std command.Streams) *cobra.Command {
	var summary string
	var conf configFlag
	cmd := &cobra.Command{
		Use:   "decode FILE...",
		Short: "Decode captures and print every record as a JSON line",
		Long: `Decodes the export datagrams of pcap, pcapng and IPFIX files without storing them and prints every record as a JSON line, also those
that would be set aside as impossible. Times are the exporters' own, uncorrected. Datagrams that can't be decoded are counted in
the summary and do not fail the run.`,
		Example: "  weir decode router.pcap\n  weir decode router.pcap --summary summary.json | jq -c '[.\"source.ip\", .\"network.bytes\"]'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			cfg, err := conf.load()
			if err != nil {
				return err
			}
			return buffered(std.Out, func(w *bufio.Writer) error { return decodeFiles(w, std.Err, decodeTask{files, cfg, summary}) })
		},
	}
	cmd.Flags().StringVar(&conf.path, "config", "", "weir.yaml, of which what it knows of exporters counts (default: none)")
	cmd.Flags().StringVar(&summary, "summary", "", "write counts to this file as JSON")
	return cmd
}

// decodeTask is what is to be decoded, and how.
type decodeTask struct {
	files   []string
	cfg     config.Config
	summary string // file, "" for none
}

func decodeFiles(w *bufio.Writer, stderr io.Writer, task decodeTask) error {
	captures, err := listen.MergeCaptures(task.files, listen.CaptureConfig{})
	if err != nil {
		return err
	}
	defer captures.Close()
	show, err := pipeline.NewShow(task.cfg)
	if err != nil {
		return err
	}
	p := printer{w: w, registry: flow.NewRegistry()}
	failed := decodeAll(captures, show, &p, stderr)
	if task.summary != "" {
		if err := writeSummary(task.summary, show.Summary()); err != nil {
			return err
		}
	}
	return errors.Join(failed, p.err)
}

// decodeAll decodes until the last source is at its end; errors of a file are told, and the others go on.
func decodeAll(captures *listen.Captures, show *pipeline.Show, p *printer, stderr io.Writer) error {
	for {
		d, err := captures.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			var capture *listen.CaptureError
			if !errors.As(err, &capture) || capture.Packet == 0 {
				return err
			}
			fmt.Fprintf(stderr, "weir: %v: what came before it is decoded\n", err)
			continue
		}
		show.Decode(d, p.print)
	}
}

// printer writes records as JSON lines and keeps the first error.
type printer struct {
	w        *bufio.Writer
	registry *flow.Registry
	line     []byte
	err      error
}

func (p *printer) print(b *flow.Batch) {
	for i := range b.Records {
		p.line = flow.AppendJSON(p.line[:0], p.registry, b, &b.Records[i])
		p.line = append(p.line, '\n')
		if _, err := p.w.Write(p.line); err != nil && p.err == nil {
			p.err = fmt.Errorf("write records: %w", err)
		}
	}
}

func writeSummary(path string, s pipeline.Summary) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write summary: %w", err)
	}
	return nil
}
