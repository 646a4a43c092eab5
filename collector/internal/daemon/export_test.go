package daemon

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// Account returns the loss account of the running pipeline.
func (d *Daemon) Account() *flow.Account { return d.core.Account }

// TestNotReady: a daemon that does not receive is not ready.
func TestNotReady(t *testing.T) {
	answer := httptest.NewRecorder()
	new(Daemon).readyz(answer, nil)
	if answer.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", answer.Code)
	}
}
