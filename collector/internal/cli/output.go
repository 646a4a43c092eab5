package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
)

// format is the --format flag: text for people, json for programs.
type format string

func (f *format) add(cmd *cobra.Command) {
	*f = "text"
	cmd.Flags().StringVar((*string)(f), "format", "text", "text or json")
}

func (f format) check() error {
	if f != "text" && f != "json" {
		return command.Usagef("--format %s: use text or json", string(f))
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// table is a table of text with a header; right-aligned columns are marked by a header that starts with ">".
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, cell)
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

// units of powers of 1,000, as networks count.
var units = []string{"", "k", "M", "G", "T", "P"}

// human shows a number with three digits and a unit of powers of 1,000; percentages as they are.
func human(v float64, unit string) string {
	if unit == "%" {
		return strconv.FormatFloat(v, 'g', 3, 64) + " %"
	}
	i := 0
	for v >= 999.5 && i < len(units)-1 {
		v /= 1000
		i++
	}
	digits := 0
	if i > 0 && v < 9.995 {
		digits = 2
	} else if i > 0 && v < 99.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + units[i] + unit
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// isTerminal tells whether w is a terminal: progress bars show only there.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress is a bar on a terminal and nothing elsewhere.
type progress struct {
	w    io.Writer
	name string
	last int
}

func newProgress(w io.Writer, name string) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, name: name, last: -1}
}

const barWidth = 40

// show draws the bar at a share from 0 to 1.
func (p *progress) show(share float64) {
	percent := int(share * 100)
	if p.w == nil || percent == p.last {
		return
	}
	p.last = percent
	fmt.Fprintf(p.w, "\r%s [%-*s] %3d %%", p.name, barWidth, bar(int(share*barWidth)), percent)
}

func bar(n int) string {
	b := make([]byte, max(0, min(n, barWidth)))
	for i := range b {
		b[i] = '='
	}
	return string(b)
}

// done removes the bar.
func (p *progress) done() {
	if p.w != nil && p.last >= 0 {
		fmt.Fprintf(p.w, "\r%*s\r", len(p.name)+barWidth+10, "")
	}
}

// buffered gives f a buffered writer on w and flushes it.
func buffered(w io.Writer, f func(*bufio.Writer) error) error {
	bw := bufio.NewWriterSize(w, 64<<10)
	if err := f(bw); err != nil {
		return err
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}
