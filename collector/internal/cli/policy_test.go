package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

const policiesYAML = `
inside: [10.0.0.0/8]
groups:
  External Servers: {cidrs: [10.0.1.0/24]}
policies:
  large-upload:
    filter: 'weir.source.group : "External Servers" and network.direction : outbound'
    limit: bytes_out > 10MB
    severity: high
  many-peers:
    by: source
    window: 1h
    filter: 'network.direction : outbound'
    limit: peers >= 12
  never:
    limit: bytes > 1TB
`

var policyStart = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// writeUploads writes canonical records: forty uploads of six servers, each of three pieces a minute long and one a minute; those of
// 12 MB are 14, the others have 9.
func writeUploads(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for piece := range 3 {
		for i := range 40 {
			size := 3_000_000
			if i%3 == 0 {
				size = 4_000_000
			}
			end := policyStart.Add(time.Duration(i+piece+1) * time.Minute)
			fmt.Fprintf(&b, `{"event.start":%q,"event.end":%q,"observer.ip":"192.0.2.1","source.ip":"10.0.1.%d","source.port":%d,"destination.ip":"198.51.100.%d",`+
				`"destination.port":443,"network.iana_number":6,"source.bytes":%d,"source.packets":3000,"network.bytes":%d,"network.packets":3000,"weir.sampling.interval":1}`+"\n",
				end.Add(-time.Minute).Format(time.RFC3339), end.Format(time.RFC3339), 1+i%6, 40000+i, 1+i, size, size)
		}
	}
	lines := strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
	slices.SortStableFunc(lines, func(a, b string) int {
		return strings.Compare(a[strings.Index(a, "event.end"):][:40], b[strings.Index(b, "event.end"):][:40])
	})
	name := filepath.Join(dir, "traffic.jsonl")
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(name, strings.Join(lines, "")+"\n")
	write(filepath.Join(dir, "weir.yaml"), policiesYAML)
	return name
}

// TestPolicyTest: what a policy would have reported on what is stored is what it reported when it came.
func TestPolicyTest(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "replay", writeUploads(t, dir), "--data", data)
	reported := 0
	for _, a := range jsonOf[[]map[string]any](t, must(t, "alerts", "--data", data, "--format", "json")) {
		if a["detector"] == "policy.violation" && strings.HasPrefix(a["key"].(string), "large-upload|") {
			reported++
			e := a["evidence"].(map[string]any)
			flows := jsonOf[[]any](t, must(t, "query", e["filter"].(string), "--from", e["from"].(string), "--to", e["to"].(string), "--records", "--data", data, "--format", "json"))
			if len(flows) != 3 {
				t.Errorf("%d flows behind %v", len(flows), a["title"])
			}
		}
	}
	if reported != 14 {
		t.Errorf("%d alerts when the traffic came", reported)
	}
	text := must(t, "policy", "test", "--data", data)
	for _, says := range []string{
		"policy large-upload would have reported 14 times from 2026-03-02 08:01:00 to 2026-03-02 08:42:00, by these hosts: 10.0.1.1 (7), 10.0.1.4 (7)\n",
		"  2026-03-02 08:00:00  10.0.1.1 to 198.51.100.1 port 443, bytes_out 12.0 MB\n", "  and 4 more",
		"policy never would have reported nothing", "policy many-peers would have reported nothing",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("no %q in\n%s", says, text)
		}
	}
	one := jsonOf[[]trialResultJSON](t, must(t, "policy", "test", "--data", data, "--policy", "large-upload", "--from", "2026-03-02T08:20:00Z", "--format", "json"))
	// Of those that go on at 8:20 a part is left.
	if len(one) != 1 || one[0].Reported != 7 || len(one[0].Findings) != 7 || one[0].HostsTotal != 2 || one[0].Truncated || one[0].Findings[0].Measured[0].Value != 12e6 {
		t.Errorf("from 8:20 on %+v", one)
	}
}

// TestPolicyTestOfOtherNetworks: groups are those of the configuration that is tried out.
func TestPolicyTestOfOtherNetworks(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, "replay", writeUploads(t, dir), "--data", data)
	other := filepath.Join(dir, "other.yaml")
	text := strings.NewReplacer("10.0.1.0/24", "10.0.1.4/32", "peers >= 12", "peers >= 6").Replace(policiesYAML)
	if err := os.WriteFile(other, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out := must(t, "policy", "test", "--data", data, "--config", other)
	for _, says := range []string{"large-upload would have reported 7 times", "by these hosts: 10.0.1.4 (7)\n", "many-peers would have reported 6 times", "10.0.1.6, peers 6"} {
		if !strings.Contains(out, says) {
			t.Errorf("no %q in\n%s", says, out)
		}
	}
}

// TestPolicyUse holds exit codes and the list.
func TestPolicyUse(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "weir.yaml")
	if err := os.WriteFile(conf, []byte(policiesYAML), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"which of them", []string{"policy"}, 2, "policy test or weir policy list"},
		{"no policies", []string{"policy", "list"}, 2, "--config FILE"},
		{"no policy of the name", []string{"policy", "test", "--config", conf, "--policy", "small"}, 2, "large-upload, many-peers, never"},
		{"no data", []string{"policy", "test", "--config", conf, "--data", dir}, 1, "holds no data of weir"},
		{"a format", []string{"policy", "test", "--format", "xml"}, 2, "text or json"},
		{"a file that is not there", []string{"policy", "list", "--config", "no.yaml"}, 1, "no.yaml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code, _, errs := weir(t, c.args...); code != c.code || !strings.Contains(errs, c.says) {
				t.Errorf("exit %d, %s", code, errs)
			}
		})
	}
	if out := must(t, "policy", "list", "--config", conf); !strings.Contains(out, "large-upload  high (60)    session  -       bytes_out > 10MB") {
		t.Errorf("list\n%s", out)
	}
	if list := jsonOf[[]policyJSON](t, must(t, "policy", "list", "--config", conf, "--format", "json")); len(list) != 3 || list[1].Window != "1h0m0s" {
		t.Errorf("list %+v", list)
	}
}

// ordered is an engine with records at the times given (seconds), which counts what is asked.
type ordered struct {
	query.Engine
	times []int64
	asked int
}

func (o *ordered) Records(_ context.Context, q query.Question) (*flow.Batch, error) {
	o.asked++
	b := flow.NewBatch(0, flow.NewSymbols())
	for _, s := range o.times {
		at := time.Unix(s, 0)
		if at.Before(q.From) || !q.To.IsZero() && !at.Before(q.To) {
			continue
		}
		if q.Offset > 0 {
			q.Offset--
			continue
		}
		if len(b.Records) < q.Limit {
			b.Grow().End = at.UnixNano()
		}
	}
	return b, nil
}

// TestPages: every record once and in order, however they lie, and without many questions where there are none.
func TestPages(t *testing.T) {
	var burst, spread, ends []int64
	for i := range int64(1000) {
		burst = append(burst, 1_700_000_000+i/400)
		spread = append(spread, 1_700_000_000+i*977)
	}
	ends = append(ends, 1_600_000_000, 1_700_000_000)
	for name, times := range map[string][]int64{"none": nil, "one": ends[:1], "years apart": ends, "hundreds a second": burst, "a few an hour": spread} {
		t.Run(name, func(t *testing.T) {
			o := &ordered{times: times}
			p := pages{engine: o, size: 50}
			var got []int64
			share := 0.0
			err := p.each(t.Context(), func(b *flow.Batch) {
				for i := range b.Records {
					got = append(got, b.Records[i].End/1e9)
				}
			}, func(s float64) {
				if s < share || s > 1 {
					t.Errorf("share %v after %v", s, share)
				}
				share = s
			})
			if err != nil || !slices.Equal(got, times) {
				t.Errorf("%d of %d records, %v", len(got), len(times), err)
			}
			if o.asked > 150 {
				t.Errorf("%d questions", o.asked)
			}
		})
	}
}
