package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// maxBody is the longest request of an editor.
const maxBody = 1 << 20

// CallResource answers what editors and variables ask: fields, values, completion, whether a filter is right, translations, links.
func (d *Datasource) CallResource(ctx context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	return d.resources.CallResource(ctx, req, sender)
}

// routes are the resources, by method and path.
func (d *Datasource) routes() backend.CallResourceHandler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /fields", func(w http.ResponseWriter, _ *http.Request) { answerWith(w, model.Fields(frames.Title), nil) })
	mux.HandleFunc("GET /pivots", func(w http.ResponseWriter, r *http.Request) {
		d.tell(w, func() (any, error) { return d.conn.templates(r.Context()) })
	})
	handle(mux, d, "/variable", d.variable)
	handle(mux, d, "/complete", d.complete)
	handle(mux, d, "/pivots", d.pivots)
	handle(mux, nil, "/parse", func(_ context.Context, r model.ParseRequest) (model.ParseAnswer, error) {
		return model.ParseFilter(r.Filter, r.Sessions), nil
	})
	handle(mux, nil, "/build", func(_ context.Context, r model.BuildRequest) (model.ParseAnswer, error) {
		text, err := model.Build(r.Conditions, r.Sessions)
		if err != nil {
			return model.ParseAnswer{}, err
		}
		return model.ParseFilter(text, r.Sessions), nil
	})
	handle(mux, nil, "/translate", func(_ context.Context, r model.TranslateRequest) (model.TranslateAnswer, error) { return translate(r) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answerWith(w, nil, &notThere{fmt.Sprintf("no resource %s %s", r.Method, r.URL.Path)})
	})
	return httpadapter.New(mux)
}

// notThere is the error of a path that does not exist.
type notThere struct{ text string }

func (n *notThere) Error() string { return n.text }

// handle adds a resource that is asked by POST with JSON. Those that ask the collector name the data source, which must be whole for that.
func handle[Q, A any](mux *http.ServeMux, d *Datasource, path string, serve func(context.Context, Q) (A, error)) {
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := readBody(r.Body, &q); err != nil {
			answerWith(w, nil, err)
			return
		}
		call := func() (any, error) { return serve(r.Context(), q) }
		if d != nil {
			d.tell(w, call)
			return
		}
		answer, err := call()
		answerWith(w, answer, err)
	})
}

// tell answers with what a call gives, or with what is wrong with the settings.
func (d *Datasource) tell(w http.ResponseWriter, call func() (any, error)) {
	if d.broken != nil {
		answerWith(w, nil, d.broken)
		return
	}
	answer, err := call()
	answerWith(w, answer, err)
}

func readBody(body io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err != nil:
		return fmt.Errorf("read request: %w", err)
	case len(text) > maxBody:
		return &query.Error{Part: "request", Text: fmt.Sprintf("longer than %d bytes", maxBody)}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &query.Error{Part: "request", Text: "cannot be read: " + err.Error()}
	}
	return nil
}

func answerWith(w http.ResponseWriter, answer any, err error) {
	status := http.StatusOK
	if err != nil {
		var missing *notThere
		code, _ := statusOf(err)
		if status = int(code); errors.As(err, &missing) {
			status = http.StatusNotFound
		}
		// Grafana's own 401 and 403 mean that the user is not logged in to Grafana.
		if status == http.StatusUnauthorized || status == http.StatusForbidden {
			status = http.StatusBadGateway
		}
		answer = model.Failure{Message: explain(err)}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"message":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // an error means that the reader has gone
}

func translate(r model.TranslateRequest) (model.TranslateAnswer, error) {
	parse := filter.Parse
	if r.Sessions {
		parse = filter.ParseSession
	}
	n, err := parse(r.Filter, flow.NewRegistry())
	if err != nil {
		return model.TranslateAnswer{}, &query.Error{Part: "filter", Text: err.Error()}
	}
	switch r.To {
	case "kql":
		return model.TranslateAnswer{Text: n.String()}, nil
	case "spl":
		return model.TranslateAnswer{Text: filter.SPL(n)}, nil
	case "elastic":
		text, err := json.MarshalIndent(filter.Elastic(n), "", "  ")
		return model.TranslateAnswer{Text: string(text)}, err
	}
	return model.TranslateAnswer{}, &query.Error{Part: "to", Text: fmt.Sprintf("no language %q: use kql, elastic or spl", r.To)}
}

func (d *Datasource) pivots(ctx context.Context, r model.PivotRequest) ([]flow.AlertPivot, error) {
	from, to, err := d.span(r.Range)
	if err != nil {
		return nil, err
	}
	if d.conn.collector == nil {
		return []flow.AlertPivot{}, nil
	}
	return d.conn.collector.Pivots(ctx, query.PivotQuestion{Subject: r.Subject, From: from, To: to})
}

// span reads a time range; what is missing is the last 24 hours.
func (d *Datasource) span(s model.TimeSpan) (from, to time.Time, err error) {
	if to, err = moment("range.to", s.To, d.now()); err != nil {
		return from, to, err
	}
	from, err = moment("range.from", s.From, to.Add(-24*time.Hour))
	return from, to, err
}

func moment(part, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise.UTC(), nil
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, &query.Error{Part: part, Text: fmt.Sprintf("%q is neither RFC 3339 nor milliseconds since 1970", text)}
	}
	return t.UTC(), nil
}

// distinct leaves out empty values and those that came before.
func distinct(list []string) []model.VariableValue {
	out := []model.VariableValue{}
	seen := map[string]bool{"": true}
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, model.VariableValue{Text: v, Value: v})
		}
	}
	return out
}

// withPrefix leaves values that begin so, in any case.
func withPrefix(list []model.VariableValue, prefix string) []model.VariableValue {
	return slices.DeleteFunc(list, func(v model.VariableValue) bool {
		return !strings.HasPrefix(strings.ToLower(v.Text), strings.ToLower(prefix))
	})
}
