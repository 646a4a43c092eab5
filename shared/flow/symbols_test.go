package flow_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestSymbols(t *testing.T) {
	s := flow.NewSymbols()
	a, b := s.Intern("a"), s.Intern("b")
	if a == b || s.Intern("a") != a || s.Text(a) != "a" || s.Text(b) != "b" {
		t.Errorf("a is %d %q, b is %d %q", a, s.Text(a), b, s.Text(b))
	}
	if s.Intern("") != 0 || s.Text(0) != "" || s.InternList(nil) != 0 {
		t.Error("nothing is not symbol 0")
	}
	if list := s.InternList([]string{"a", "b"}); s.Text(list) != "a,b" {
		t.Errorf("list is %q", s.Text(list))
	}
	if s.Text(12345) != "" {
		t.Error("a symbol of another table has a text")
	}
	if s.Len() != 5 || s.Overflowed() != 0 {
		t.Errorf("%d strings, %d overflowed", s.Len(), s.Overflowed())
	}
}

// TestSymbolsConcurrently is for the race detector: readers while writers make the table grow.
func TestSymbolsConcurrently(t *testing.T) {
	s := flow.NewSymbols()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				name := fmt.Sprint("name", (i+g*500)%2500)
				sym := s.Intern(name)
				if got := s.Text(sym); got != name {
					t.Errorf("%q became %q", name, got)
					return
				}
			}
		})
	}
	wg.Wait()
	if s.Len() != 2+2500+1000 && s.Len() != 2+2500 {
		t.Errorf("%d strings", s.Len())
	}
}

func TestSymbolsOverflow(t *testing.T) {
	if testing.Short() {
		t.Skip("fills a table of a million names")
	}
	s := flow.NewSymbols()
	for i := range flow.MaxSymbols - 2 {
		s.Intern(fmt.Sprint(i))
	}
	if s.Overflowed() != 0 || s.Len() != flow.MaxSymbols {
		t.Fatalf("%d strings, %d overflowed", s.Len(), s.Overflowed())
	}
	if got := s.Text(s.Intern("one too many")); got != flow.SymbolOverflow {
		t.Errorf("became %q", got)
	}
	if s.Overflowed() != 1 || s.Text(s.Intern("5")) != "5" {
		t.Error("what was there is lost, or the overflow not counted")
	}
}
