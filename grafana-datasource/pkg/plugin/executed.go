package plugin

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// executed is how a question was put, for the inspector: what to send to the API, and, where there is one, the command that asks the same.
func executed(path string, q any, command string) string {
	body, err := json.MarshalIndent(q, "", "  ")
	if err != nil {
		return ""
	}
	text := "POST " + path + "\n" + string(body)
	if command != "" {
		text = command + "\n\n" + text
	}
	return text
}

// commandOf is the command that puts a question of records.
func commandOf(q query.Question, rows string) string {
	args := []string{"weir query"}
	if q.Filter != "" {
		args = append(args, shellQuote(q.Filter))
	}
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag+" "+value)
		}
	}
	if rows != "" {
		args = append(args, rows)
	} else {
		add("--by", strings.Join(q.By, ","))
		measures := []string{string(q.Measure)}
		if q.Measure == query.Distinct {
			measures[0] = fmt.Sprintf("'distinct(%s)'", q.Field)
		}
		for _, m := range q.More {
			measures = append(measures, string(m))
		}
		add("--measure", strings.Join(measures, ","))
		add("--interval", q.Interval)
		add("--zone", q.Zone)
		add("--fill", string(q.Fill))
		add("--compare", q.Compare)
		if q.Percentile > 0 {
			add("--percentile", fmt.Sprint(q.Percentile))
		}
	}
	if q.Limit > 0 {
		add("--limit", fmt.Sprint(q.Limit))
	}
	for _, f := range []struct {
		flag string
		on   bool
	}{{"--both", q.Direction == query.DirectionBoth}, {"--spread", q.Spread}, {"--all-copies", q.AllCopies}, {"--invalid", q.Invalid}} {
		if f.on {
			args = append(args, f.flag)
		}
	}
	add("--from", q.From.UTC().Format(time.RFC3339Nano))
	add("--to", q.To.UTC().Format(time.RFC3339Nano))
	return strings.Join(args, " ")
}

func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
