//go:build unix

package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/durable"
)

func TestLock(t *testing.T) {
	dir := t.TempDir()
	take := func(shared bool) *durable.Lock {
		t.Helper()
		l, err := store.TakeLock(dir, shared)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	refused := func(shared bool) {
		t.Helper()
		if _, err := store.TakeLock(dir, shared); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), store.SocketName) {
			t.Errorf("%v: should say that the folder is in use and name the socket", err)
		}
	}
	writer := take(false)
	refused(false)
	refused(true)
	if err := writer.Release(); err != nil {
		t.Fatal(err)
	}
	one, two := take(true), take(true)
	refused(false)
	if err := errors.Join(one.Release(), two.Release()); err != nil {
		t.Fatal(err)
	}
	if err := take(false).Release(); err != nil {
		t.Fatal(err)
	}
}
