package spool_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/shared/sink/spool"
)

// FuzzSegment: whatever is in the files, the spool opens, gives what is whole, and takes more.
func FuzzSegment(f *testing.F) {
	f.Add([]byte(nil), []byte(nil))
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 0, 'x'}, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 3, 0x35, 0xa5, 0x6e, 0x5c, 'a', 'b', 'c', 0xff}, []byte{0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, segment, position []byte) {
		dir := t.TempDir()
		for name, b := range map[string][]byte{"00000000000000000001.seg": segment, "00000000000000000900.seg": segment, "position": position} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s := open(t, spool.Config{Dir: dir, MaxBytes: 1 << 20}, spool.Deps{})
		before := s.Stats().Waiting
		last := s.Put([]byte("last"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for n := uint64(0); ; {
			list, err := s.Next(ctx, 100)
			if err != nil {
				t.Fatal(err)
			}
			if n += uint64(len(list)); list[len(list)-1].Sequence == last {
				if n != before+1 {
					t.Errorf("%d entries read, %d waited", n-1, before)
				}
				return
			}
		}
	})
}
