package modinput

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
)

// NewLog returns a logger that writes lines as splunkd reads them from standard error: LEVEL, message, attributes.
func NewLog(w io.Writer, least slog.Leveler) *slog.Logger {
	return slog.New(&logHandler{to: &lockedWriter{w: w}, least: least})
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

type logHandler struct {
	to    *lockedWriter
	least slog.Leveler
	attrs string
}

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.least.Level()
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(levelName(r.Level))
	b.WriteByte(' ')
	b.WriteString(oneLine(r.Message))
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool { appendAttr(&b, a); return true })
	b.WriteByte('\n')
	h.to.mu.Lock()
	defer h.to.mu.Unlock()
	_, err := io.WriteString(h.to.w, b.String())
	return err
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(h.attrs)
	for _, a := range attrs {
		appendAttr(&b, a)
	}
	return &logHandler{h.to, h.least, b.String()}
}

// WithGroup implements slog.Handler; groups are not shown.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

func levelName(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "ERROR"
	case l >= slog.LevelWarn:
		return "WARN"
	case l >= slog.LevelInfo:
		return "INFO"
	}
	return "DEBUG"
}

// appendAttr appends an attribute. What comes from the network cannot begin a line, or an attribute, of its own.
func appendAttr(b *strings.Builder, a slog.Attr) {
	text := a.Value.String()
	if text == "" || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '"' || c == '=' || !strconv.IsPrint(c) }) {
		text = strconv.Quote(text)
	}
	b.WriteString(" " + oneLine(a.Key) + "=" + text)
}

// oneLine makes spaces of what would break a line.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if !strconv.IsPrint(c) {
			return ' '
		}
		return c
	}, text)
}
