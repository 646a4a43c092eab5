package plugin

import (
	"context"
	"errors"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/shared/query"
)

// failed makes the answer of an error. Whose fault it is decides who is alarmed: the collector, the network and questions that make no
// sense are downstream, the rest is the plugin's.
func failed(err error) backend.DataResponse {
	status, source := statusOf(err)
	return backend.DataResponse{Error: errors.New(explain(err)), Status: status, ErrorSource: source}
}

func statusOf(err error) (backend.Status, backend.ErrorSource) {
	var refused *query.StatusError
	var bad *query.Error
	var server *engine.ServerError
	switch {
	case errors.Is(err, context.Canceled):
		return backend.Status(499), backend.ErrorSourceDownstream // who asked has gone
	case errors.As(err, &refused):
		return backend.Status(refused.Status), backend.ErrorSourceDownstream
	case errors.As(err, &bad):
		return backend.StatusBadRequest, backend.ErrorSourceDownstream
	case errors.As(err, &server):
		return backend.Status(server.Status), backend.ErrorSourceDownstream
	case dialing(err):
		return backend.StatusBadGateway, backend.ErrorSourceDownstream
	case errors.Is(err, context.DeadlineExceeded), timedOut(err):
		return backend.StatusTimeout, backend.ErrorSourceDownstream
	case backend.IsDownstreamHTTPError(err), unreachable(err):
		return backend.StatusBadGateway, backend.ErrorSourceDownstream
	}
	return http.StatusInternalServerError, backend.ErrorSourcePlugin
}
