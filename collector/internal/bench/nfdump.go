package bench

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// expense is what an answer took.
type expense struct{ wall, cpu time.Duration }

// nfdump runs nfdump over all files of a folder.
func nfdump(ctx context.Context, files string, args ...string) ([]byte, expense, error) {
	cmd := exec.CommandContext(ctx, "nfdump", append([]string{"-R", files}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begun := time.Now()
	out, err := cmd.Output()
	took := time.Since(begun)
	if err != nil {
		return nil, expense{}, fmt.Errorf("nfdump %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, expense{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// amount is a group with its sum.
type amount struct {
	group string
	sum   uint64
}

// statistics reads the rows of nfdump -s ... -o csv, whose column of bytes has had two names.
func statistics(out []byte) ([]amount, error) {
	r := csv.NewReader(bytes.NewReader(out))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("nfdump's statistics: %w", err)
	}
	group, sum := -1, -1
	var list []amount
	for _, row := range rows {
		switch {
		case slices.Contains(row, "val"):
			group, sum = slices.Index(row, "val"), slices.IndexFunc(row, func(name string) bool { return name == "byt" || name == "ibyt" })
		case group < 0 || sum < 0 || len(row) <= max(group, sum):
			continue
		default:
			n, err := strconv.ParseUint(strings.TrimSpace(row[sum]), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("nfdump's statistics: %w", err)
			}
			list = append(list, amount{strings.TrimSpace(row[group]), n})
		}
	}
	if len(list) == 0 {
		return nil, errors.New("nfdump's statistics: no rows")
	}
	return list, nil
}

// listing sums the bytes of nfdump -q -N -o fmt:%byt: a number a line.
func listing(out []byte) (rows int, sum uint64, err error) {
	for line := range strings.Lines(string(out)) {
		text := strings.TrimSpace(line)
		if text == "" {
			continue
		}
		f := strings.Fields(text)
		n, err := strconv.ParseUint(f[len(f)-1], 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("nfdump's listing: %w", err)
		}
		rows, sum = rows+1, sum+n
	}
	return rows, sum, nil
}
