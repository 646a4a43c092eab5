// Package audit keeps who asked the API for what: a JSON line a request in the data folder, of bounded size. Tokens stand there by
// their names, never by their secrets.
package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"
)

// FileName is the file in the data folder; the one before it has ".1" behind its name.
const FileName = "audit.jsonl"

// MaxSize is the size at which a new file is begun; the last one is kept.
const MaxSize = 16 << 20

// maxText is the most bytes of a text that the other side chose.
const maxText = 256

// Entry is a line.
type Entry struct {
	Time    time.Time `json:"time"`
	Token   string    `json:"token"`   // its name; "" where there was none, or a wrong one
	Address string    `json:"address"` // of who asked, "socket" by the data folder's socket, "command" by the command line
	Method  string    `json:"method"`
	Path    string    `json:"path"` // without the query string
	Status  int       `json:"status"`
	Detail  string    `json:"detail,omitempty"` // what a change did: "version 7: put groups/web"
}

// Config says where the file is and how large it may become.
type Config struct {
	Dir     string
	MaxSize int64 // 0: [MaxSize]
}

// Log is an open file. It is safe for concurrent use.
type Log struct {
	path string
	max  int64
	log  *slog.Logger

	mu      sync.Mutex
	file    *os.File
	size    int64
	written uint64
	failed  uint64
}

// Stats counts lines.
type Stats struct {
	Written uint64
	Failed  uint64 // that could not be written
}

// Open opens the file, or makes it.
func Open(cfg Config, log *slog.Logger) (*Log, error) {
	if cfg.MaxSize == 0 {
		cfg.MaxSize = MaxSize
	}
	l := &Log{path: filepath.Join(cfg.Dir, FileName), max: cfg.MaxSize, log: log}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *Log) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open audit: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open audit: %w", err), f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write adds a line. What cannot be written is counted, and logged the first time: a full disk does not stop questions.
func (l *Log) Write(e Entry) {
	e.Time, e.Path, e.Method, e.Detail = e.Time.UTC(), cut(e.Path), cut(e.Method), cut(e.Detail)
	line, err := json.Marshal(&e)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		err = l.append(append(line, '\n'))
	}
	if err == nil {
		l.written++
		return
	}
	if l.failed++; l.failed == 1 && l.log != nil {
		l.log.Warn("a request could not be audited; further ones are counted only", "error", err)
	}
}

func (l *Log) append(line []byte) error {
	if l.file == nil {
		return os.ErrClosed
	}
	if l.size > 0 && l.size+int64(len(line)) > l.max {
		if err := l.rotate(); err != nil {
			return err
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return err
}

func (l *Log) rotate() error {
	if err := l.file.Close(); err != nil {
		return err
	}
	l.file = nil
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		return errors.Join(err, l.open())
	}
	return l.open()
}

// Close closes the file; lines after it are counted as failed. It is idempotent.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// Stats returns the counters.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Written: l.written, Failed: l.failed}
}

// cut shortens a text to whole characters.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
