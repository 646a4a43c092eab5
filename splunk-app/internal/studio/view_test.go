package studio_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/splunk-app/internal/studio"
)

const (
	views    = "../../app/weir/default/data/ui/views"
	pictures = "../../../docs/pictures"
)

// view is a dashboard's definition, as far as tests look at it.
type view struct {
	Inputs map[string]struct {
		Options struct {
			Token        string
			DefaultValue any
		}
	}
	DataSources map[string]struct {
		Options struct {
			Query           string
			QueryParameters struct{ Earliest, Latest string }
		}
	}
	Visualizations map[string]struct {
		Type        string
		DataSources map[string]string
	}
}

func read(t *testing.T, name string) *view {
	t.Helper()
	file, err := studio.ReadView(views, name)
	if err != nil {
		t.Fatal(err)
	}
	v := &view{}
	if err := json.Unmarshal([]byte(file.Definition), v); err != nil {
		t.Fatal(err)
	}
	return v
}

// tokens are those that the inputs set by themselves, and those of an address.
func (v *view) tokens(query string) map[string]string {
	out := map[string]string{}
	for _, in := range v.Inputs {
		switch value := in.Options.DefaultValue.(type) {
		case string:
			out[in.Options.Token] = value
			if from, to, ok := strings.Cut(value, ","); ok && in.Options.Token == "time" {
				out["time.earliest"], out["time.latest"] = from, to
			}
		case []any:
			var words []string
			for _, w := range value {
				words = append(words, w.(string))
			}
			out[in.Options.Token] = strings.Join(words, ",")
		}
	}
	values, _ := url.ParseQuery(query)
	for name := range values {
		out[strings.TrimPrefix(name, "form.")] = values.Get(name)
	}
	return out
}

// wanted is the search that a data source is to ask for: its text with the tokens filled in, $x|s$ in quotes.
func (v *view) wanted(id string, tokens map[string]string) studio.Job {
	s := v.DataSources[id].Options
	job := studio.Job{SPL: s.Query, Earliest: s.QueryParameters.Earliest, Latest: s.QueryParameters.Latest}
	if job.Earliest == "" {
		job.Earliest, job.Latest = tokens["time.earliest"], tokens["time.latest"]
	}
	for name, value := range tokens {
		quoted := `"` + value + `"`
		job.SPL = strings.ReplaceAll(strings.ReplaceAll(job.SPL, "$"+name+"|s$", quoted), "$"+name+"$", value)
	}
	return job
}

// sources are the data sources in the order of their ids.
func (v *view) sources() []string { return slices.Sorted(maps.Keys(v.DataSources)) }

// asks tells whether a search needs a token.
func (v *view) asks(id, token string) bool {
	return strings.Contains(v.DataSources[id].Options.Query, "$"+token)
}

// ask is a search as tests compare them: no matter how its lines are broken.
func ask(j studio.Job) string {
	return j.Earliest + " " + j.Latest + " " + strings.Join(strings.Fields(j.SPL), " ")
}
