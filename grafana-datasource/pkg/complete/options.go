package complete

import (
	"slices"
	"strings"
	"unicode"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

// Options returns what may stand at a place but the values of fields with many, which the collector is asked for.
func Options(p Place, fields []model.FieldInfo, sessions bool) []model.Completion {
	switch p.Kind {
	case Field:
		return fieldOptions(p, fields, sessions)
	case Operator:
		return operatorOptions(p)
	case Keyword:
		return keywordOptions(p)
	}
	return valueOptions(p)
}

func fieldOptions(p Place, fields []model.FieldInfo, sessions bool) []model.Completion {
	var first, rest []model.Completion
	prefix := strings.ToLower(p.Prefix)
	for i := range fields {
		f := &fields[i]
		if sessions && !f.Session || !sessions && !f.Record {
			continue
		}
		c := model.Completion{Label: f.Name, Insert: f.Name + " ", Detail: f.Type, Doc: f.Doc}
		switch name := strings.ToLower(f.Name); {
		case strings.HasPrefix(name, prefix):
			first = append(first, c)
		case strings.Contains(name, prefix) || strings.Contains(strings.ToLower(f.Title), prefix):
			rest = append(rest, c)
		}
	}
	if strings.HasPrefix("not", prefix) {
		rest = append(rest, model.Completion{Label: "not", Insert: "not ", Detail: "operator"})
	}
	return append(first, rest...)
}

func operatorOptions(p Place) []model.Completion {
	list := []model.Completion{{Label: ":", Insert: ": ", Detail: "is"}, {Label: ": *", Insert: ": * ", Detail: "is there"}}
	if p.Field != nil && slices.Contains(model.Operators(p.Field), "<") {
		for _, op := range []struct{ sign, words string }{{">", "is greater"}, {">=", "is at least"}, {"<", "is less"}, {"<=", "is at most"}} {
			list = append(list, model.Completion{Label: op.sign, Insert: op.sign + " ", Detail: op.words})
		}
	}
	return starting(list, p.Prefix)
}

func keywordOptions(p Place) []model.Completion {
	list := []model.Completion{{Label: "and", Insert: "and "}, {Label: "or", Insert: "or "}}
	if p.Depth > 0 {
		list = append(list, model.Completion{Label: ")", Insert: ") "})
	}
	return starting(list, p.Prefix)
}

// valueOptions are the values of fields of which all are known.
func valueOptions(p Place) (list []model.Completion) {
	if p.Field == nil {
		return nil
	}
	for _, v := range p.Field.Values {
		list = append(list, model.Completion{Label: v, Insert: Insert(v) + " "})
	}
	return starting(list, p.Prefix)
}

func starting(list []model.Completion, prefix string) []model.Completion {
	return slices.DeleteFunc(list, func(c model.Completion) bool {
		return !strings.HasPrefix(strings.ToLower(c.Label), strings.ToLower(prefix))
	})
}

// Insert is a value as it stands in a filter: as it is where it means itself, else in quotes.
func Insert(value string) string {
	bare := value != "" && strings.IndexFunc(value, func(c rune) bool {
		return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("._-/", c)
	}) < 0
	if bare && !slices.ContainsFunc([]string{"and", "or", "not"}, func(w string) bool { return strings.EqualFold(w, value) }) {
		return value
	}
	return model.Quote(value)
}
