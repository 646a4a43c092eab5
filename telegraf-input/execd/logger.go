package execd

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/influxdata/telegraf"
)

// logger writes lines that Telegraf takes with their level: a letter, an exclamation mark, a space, and the text. Anything in front, a time
// for example, would make an error of each.
type logger struct {
	mu    sync.Mutex
	w     io.Writer
	level telegraf.LogLevel
}

var _ telegraf.Logger = (*logger)(nil)

func newLogger(w io.Writer, level telegraf.LogLevel) *logger { return &logger{w: w, level: level} }

func (l *logger) line(level telegraf.LogLevel, text string) {
	if !l.level.Includes(level) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(text) {
		// There is nowhere to tell that logging failed.
		_, _ = fmt.Fprintf(l.w, "%s %s\n", level.Indicator(), strings.TrimRight(line, "\r\n"))
	}
}

// Level implements telegraf.Logger, as do the methods below.
func (l *logger) Level() telegraf.LogLevel { return l.level }

// AddAttribute does nothing: Telegraf adds attributes of its own.
func (*logger) AddAttribute(string, any) {}

// Errorf logs an error.
func (l *logger) Errorf(format string, args ...any) {
	l.line(telegraf.Error, fmt.Sprintf(format, args...))
}

// Error logs an error.
func (l *logger) Error(args ...any) { l.line(telegraf.Error, fmt.Sprint(args...)) }

// Warnf logs a warning.
func (l *logger) Warnf(format string, args ...any) {
	l.line(telegraf.Warn, fmt.Sprintf(format, args...))
}

// Warn logs a warning.
func (l *logger) Warn(args ...any) { l.line(telegraf.Warn, fmt.Sprint(args...)) }

// Infof logs what is worth knowing.
func (l *logger) Infof(format string, args ...any) {
	l.line(telegraf.Info, fmt.Sprintf(format, args...))
}

// Info logs what is worth knowing.
func (l *logger) Info(args ...any) { l.line(telegraf.Info, fmt.Sprint(args...)) }

// Debugf logs details.
func (l *logger) Debugf(format string, args ...any) {
	l.line(telegraf.Debug, fmt.Sprintf(format, args...))
}

// Debug logs details.
func (l *logger) Debug(args ...any) { l.line(telegraf.Debug, fmt.Sprint(args...)) }

// Tracef logs every detail.
func (l *logger) Tracef(format string, args ...any) {
	l.line(telegraf.Trace, fmt.Sprintf(format, args...))
}

// Trace logs every detail.
func (l *logger) Trace(args ...any) { l.line(telegraf.Trace, fmt.Sprint(args...)) }
