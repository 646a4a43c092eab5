package losses

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/query"
)

// Recall returns what the ledger of a stopped collector says of a range, as [Ledger.Within] does; nil where there is none.
func Recall(path string) (func(from, to time.Time) *query.LossInRange, error) {
	periods, _, err := read(path)
	if err != nil || len(periods) == 0 {
		return nil, err
	}
	return func(from, to time.Time) *query.LossInRange { return within(periods, from, to) }, nil
}

// read reads the file; whole is false where lines were left out that cannot be read, such as a last one that was cut off.
func read(path string) (periods []Period, whole bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the ledger of losses: %w", err)
	}
	whole = true
	for line := range bytes.Lines(text) {
		var p Period
		if err := json.Unmarshal(line, &p); err != nil || p.To.IsZero() {
			whole = false
			continue
		}
		periods = append(periods, p)
	}
	return periods, whole, nil
}

// writeClosed writes the periods to which nothing is added any more; the lock is held.
func (l *Ledger) writeClosed() error {
	n := len(l.periods)
	if n > l.written && l.looked.Sub(l.periods[n-1].From) < span {
		n--
	}
	return l.write(n)
}

// write appends the first n periods as far as they are not in the file. One that has grown to twice what is remembered is written anew.
func (l *Ledger) write(n int) error {
	if n <= l.written {
		return nil
	}
	if info, err := os.Stat(l.cfg.Path); err == nil && info.Size() > 2*maxPeriods*lineBytes {
		l.written = 0
		err := durable.Replace(l.cfg.Path, lines(l.periods[:n]))
		if err == nil {
			l.written = n
		}
		return err
	}
	f, err := os.OpenFile(l.cfg.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(lines(l.periods[l.written:n])); err == nil {
		l.written = n
	}
	return errors.Join(err, f.Close())
}

// lineBytes is about how long a line is.
const lineBytes = 128

func lines(periods []Period) []byte {
	var b bytes.Buffer
	for i := range periods {
		text, err := json.Marshal(&periods[i])
		if err != nil {
			continue // a year beyond 9999
		}
		b.Write(append(text, '\n'))
	}
	return b.Bytes()
}
