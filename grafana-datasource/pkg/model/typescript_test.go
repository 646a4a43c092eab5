package model_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

var update = flag.Bool("update", false, "write the types of the front end anew")

const typesFile = "../../src/types.generated.ts"

// TestDocsTypes holds the types of the front end equal to what the backend reads: go test ./grafana-datasource/pkg/model -run Docs -update.
func TestDocsTypes(t *testing.T) {
	got := typescript(t)
	if *update {
		if err := os.WriteFile(typesFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(typesFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the Go types say: run this test with -update", typesFile)
	}
}

// typescript writes the types with the comments that the Go types have.
func typescript(t *testing.T) string {
	t.Helper()
	docs := comments(t)
	var b strings.Builder
	b.WriteString("// Generated from pkg/model/query.go and resource.go: go test ./grafana-datasource/pkg/model -run Docs -update\n\n")
	writeUnion(&b, "QueryType", model.Types())
	var formats []model.Format
	for _, typ := range model.Types() {
		for _, f := range model.Formats(typ) {
			if !strings.Contains(fmt.Sprint(formats), string(f)) {
				formats = append(formats, f)
			}
		}
	}
	writeUnion(&b, "Format", formats)
	b.WriteString("/** The shapes that a type of query has, its own first. */\nexport const formats: Record<QueryType, Format[]> = {\n")
	for _, typ := range model.Types() {
		fmt.Fprintf(&b, "  %s: [%s],\n", typ, quotedList(model.Formats(typ)))
	}
	b.WriteString("};\n\n")
	for _, c := range []struct {
		name, doc string
		list      []string
	}{
		{"interfaceValues", "The numbers of an interface that the format numeric may be about.", model.InterfaceValues()},
		{"pointValues", "The numbers of an interface that the format points may be about.", model.PointValues()},
		{"exporterValues", "The numbers of an exporter that the format numeric may be about.", model.ExporterValues()},
	} {
		fmt.Fprintf(&b, "/** %s */\nexport const %s = [%s] as const;\n\n", c.doc, c.name, quotedList(c.list))
	}
	writeInterface(&b, reflect.TypeFor[model.AdhocFilter](), docs)
	for _, typ := range []reflect.Type{
		reflect.TypeFor[model.Query](), reflect.TypeFor[model.FieldInfo](), reflect.TypeFor[model.TimeSpan](), reflect.TypeFor[model.VariableQuery](),
		reflect.TypeFor[model.VariableValue](), reflect.TypeFor[model.CompleteRequest](), reflect.TypeFor[model.CompleteAnswer](),
		reflect.TypeFor[model.Completion](), reflect.TypeFor[model.ParseRequest](), reflect.TypeFor[model.ParseAnswer](),
		reflect.TypeFor[model.ParseFailure](), reflect.TypeFor[model.BuildRequest](), reflect.TypeFor[model.TranslateRequest](),
		reflect.TypeFor[model.TranslateAnswer](), reflect.TypeFor[model.PivotRequest](), reflect.TypeFor[model.Failure](),
	} {
		writeInterface(&b, typ, docs)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func writeUnion[T ~string](b *strings.Builder, name string, list []T) {
	fmt.Fprintf(b, "export type %s = %s;\n\n", name, strings.ReplaceAll(quotedList(list), ",", " |"))
}

func quotedList[T ~string](list []T) string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = "'" + string(v) + "'"
	}
	return strings.Join(names, ", ")
}

func writeInterface(b *strings.Builder, typ reflect.Type, docs map[string]string) {
	fmt.Fprintf(b, "%sexport interface %s {\n", comment(docs[typ.Name()], ""), typ.Name())
	for i := range typ.NumField() {
		f := typ.Field(i)
		b.WriteString(comment(docs[typ.Name()+"."+f.Name], "  "))
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		optional := ""
		if strings.HasPrefix(options, "omit") {
			optional = "?"
		}
		kind := typeOf(f.Type)
		if name == "conditions" && typ.Name() == "ParseAnswer" {
			kind += " | null"
		}
		fmt.Fprintf(b, "  %s%s: %s;\n", name, optional, kind)
	}
	b.WriteString("}\n\n")
}

// comment writes a comment: on one line where it is one.
func comment(doc, indent string) string {
	switch lines := strings.Split(doc, "\n"); {
	case doc == "":
		return ""
	case len(lines) == 1:
		return indent + "/** " + doc + " */\n"
	default:
		text := indent + "/**\n"
		for _, l := range lines {
			text += strings.TrimRight(indent+" * "+l, " ") + "\n"
		}
		return text + indent + " */\n"
	}
}

func typeOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		if t.Name() == "Type" {
			return "QueryType"
		}
		return t.Name()
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Float64:
		return "number"
	case reflect.Pointer:
		return typeOf(t.Elem())
	case reflect.Slice:
		return typeOf(t.Elem()) + "[]"
	}
	return t.Name()
}

// comments reads the comments of types and their members.
func comments(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	for _, name := range []string{"query.go", "resource.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		commentsOf(file, docs)
	}
	return docs
}

func commentsOf(file *ast.File, docs map[string]string) {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			typ := spec.(*ast.TypeSpec)
			docs[typ.Name.Name] = strings.TrimSpace(gen.Doc.Text())
			if s, ok := typ.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					docs[typ.Name.Name+"."+f.Names[0].Name] = strings.TrimSpace(f.Doc.Text() + f.Comment.Text())
				}
			}
		}
	}
}
