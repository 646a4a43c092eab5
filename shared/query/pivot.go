package query

import (
	"context"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// PivotQuestion asks for the links into other tools: of an alert by its id, or of an address, a port (443, tcp/443) or an AS (AS64500)
// from From until before To. Of an alert, times are its own.
type PivotQuestion struct {
	Subject string    `json:"subject"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
}

// PivotReader returns links into other tools. Errors about the question itself are *[Error].
type PivotReader interface {
	Pivots(ctx context.Context, q PivotQuestion) ([]flow.AlertPivot, error)
}
