package flowinput

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/influxdata/telegraf"
)

// logHandler gives what the steps log to Telegraf's logger, attributes behind the message.
type logHandler struct {
	to    telegraf.Logger
	attrs string
}

// levels of Telegraf, by those of slog, from the highest.
func (h *logHandler) write(level slog.Level) func(...any) {
	switch {
	case level >= slog.LevelError:
		return h.to.Error
	case level >= slog.LevelWarn:
		return h.to.Warn
	case level >= slog.LevelInfo:
		return h.to.Info
	}
	return h.to.Debug
}

// Enabled implements slog.Handler; Telegraf's logger leaves out what is not wanted.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo || h.to.Level().Includes(telegraf.Debug)
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool { appendAttr(&b, a); return true })
	h.write(r.Level)(b.String())
	return nil
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(h.attrs)
	for _, a := range attrs {
		appendAttr(&b, a)
	}
	return &logHandler{h.to, b.String()}
}

// WithGroup implements slog.Handler; groups are not shown.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

// appendAttr appends an attribute. What comes from the network cannot begin a line of its own.
func appendAttr(b *strings.Builder, a slog.Attr) {
	text := a.Value.String()
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '"' }) {
		text = fmt.Sprintf("%q", text)
	}
	fmt.Fprintf(b, " %s=%s", a.Key, text)
}
