package query

import (
	"context"
	"fmt"
	"net/http"
)

// PathSeal is where all that a collector holds is sealed: POST without a body -> Sealed. It needs the scope admin.
const PathSeal = "/api/v1/seal"

// Sealer writes what is not in sealed Parquet files yet into such files.
type Sealer interface {
	// Seal returns when all that was committed before the call is sealed. It may take minutes; where ctx ends, what is sealed by then stays so.
	Seal(ctx context.Context) (Sealed, error)
}

// Sealed is what a collector has in sealed Parquet files.
type Sealed struct {
	Records  int64 `json:"records"`
	Sessions int64 `json:"sessions"` // rows of sessions: one that was told of while it was open has several
	Files    int   `json:"files"`    // of records and of sessions
	Bytes    int64 `json:"bytes"`    // of these files
}

// Seal implements [Sealer].
func (c *Client) Seal(ctx context.Context) (s Sealed, err error) {
	req, err := c.request(ctx, PathSeal, nil)
	if err != nil {
		return s, fmt.Errorf("ask collector: %w", err)
	}
	req.Method = http.MethodPost
	return s, c.send(req, decodeInto(&s))
}
