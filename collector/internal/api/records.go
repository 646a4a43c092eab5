package api

import (
	"bufio"
	"net/http"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// records sends canonical records as JSON lines, one by one, as a hundred thousand of them would not be wanted in memory twice.
func (h *handler) records(w http.ResponseWriter, r *http.Request) error {
	var q query.Question
	if err := readJSON(r, &q); err != nil {
		return err
	}
	b, err := h.deps.Engine.Records(r.Context(), q)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", query.TypeLines)
	out := bufio.NewWriter(w)
	var line []byte
	for i := range b.Records {
		line = append(flow.AppendJSON(line[:0], h.reg, b, &b.Records[i]), '\n')
		if _, err := out.Write(line); err != nil {
			// The reader has gone. It sees the answer cut short.
			return nil //nolint:nilerr // the status has been sent
		}
	}
	_ = out.Flush()
	return nil
}
