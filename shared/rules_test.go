package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// parseTree parses the Go files under root that are not tests, by folder.
func parseTree(t *testing.T, root string) (*token.FileSet, map[string][]*ast.File) {
	t.Helper()
	set, files := token.NewFileSet(), map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		files[filepath.Dir(path)] = append(files[filepath.Dir(path)], f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return set, files
}

// TestNoPackageState: several pipelines live in one process, so the core keeps no mutable state at package level and has no init.
// Variables that hold tables, errors or interface guards are never written after they are made; they are told apart by form.
func TestNoPackageState(t *testing.T) {
	set, tree := parseTree(t, ".")
	for _, files := range tree {
		for _, f := range files {
			for _, decl := range f.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: init in the core", set.Position(fn.Pos()))
				}
				gen, ok := decl.(*ast.GenDecl)
				if !ok || gen.Tok != token.VAR {
					continue
				}
				for _, spec := range gen.Specs {
					v := spec.(*ast.ValueSpec)
					if len(v.Values) == 0 && gen.Doc == nil && v.Doc == nil && !hasEmbed(gen, v) {
						t.Errorf("%s: package variable %s without a value: state?", set.Position(v.Pos()), v.Names[0])
					}
				}
			}
			checkAssignments(t, set, f)
		}
	}
}

func hasEmbed(gen *ast.GenDecl, v *ast.ValueSpec) bool {
	return (gen.Doc != nil && strings.Contains(gen.Doc.Text(), "go:embed")) || (v.Doc != nil && strings.Contains(v.Doc.Text(), "go:embed"))
}

// checkAssignments reports writes to package-level variables of the same file.
func checkAssignments(t *testing.T, set *token.FileSet, f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || assign.Tok == token.DEFINE {
			return true
		}
		for _, lhs := range assign.Lhs {
			root := lhs
			for {
				if ix, ok := root.(*ast.IndexExpr); ok {
					root = ix.X
					continue
				}
				break
			}
			id, ok := root.(*ast.Ident)
			if ok && id.Obj != nil && id.Obj.Kind == ast.Var {
				if spec, isSpec := id.Obj.Decl.(*ast.ValueSpec); isSpec && f.Scope.Lookup(id.Name) == id.Obj {
					t.Errorf("%s: writes package variable %s", set.Position(assign.Pos()), spec.Names[0])
				}
			}
		}
		return true
	})
}

// TestEverythingIsDocumented: every package and every exported name of the whole project.
func TestEverythingIsDocumented(t *testing.T) {
	set, tree := parseTree(t, "..")
	for dir, files := range tree {
		documented := false
		for _, f := range files {
			documented = documented || f.Doc != nil
			for _, decl := range f.Decls {
				checkDocs(t, set, decl)
			}
		}
		if !documented {
			t.Errorf("%s: package without documentation", dir)
		}
	}
}

func checkDocs(t *testing.T, set *token.FileSet, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil {
			t.Errorf("%s: %s is not documented", set.Position(d.Pos()), d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					t.Errorf("%s: %s is not documented", set.Position(s.Pos()), s.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					t.Errorf("%s: %s is not documented", set.Position(s.Pos()), s.Names[0])
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if ix, ok := typ.(*ast.IndexExpr); ok {
		typ = ix.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// TestSizes: no Go file over 500 lines, no function over 100.
func TestSizes(t *testing.T) {
	set, tree := parseTree(t, "..")
	for _, files := range tree {
		for _, f := range files {
			if n := set.Position(f.End()).Line; n > 500 {
				t.Errorf("%s has %d lines", set.Position(f.Pos()).Filename, n)
			}
			for _, decl := range f.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line; n > 100 {
					t.Errorf("%s: %s has %d lines", set.Position(fn.Pos()), fn.Name, n)
				}
			}
		}
	}
}
