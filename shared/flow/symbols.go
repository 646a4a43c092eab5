package flow

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Symbol stands for a string of a [Symbols] table; 0 is the empty string and means absent.
type Symbol uint32

// ListSeparator joins the members of a list symbol; names that are to be listed must not hold it.
const ListSeparator = ","

// MaxSymbols is how many strings a table takes; after that every new string becomes [SymbolOverflow] and is counted.
const MaxSymbols = 1 << 20

// SymbolOverflow is the text of the symbol that stands for all strings that found no place.
const SymbolOverflow = "(too many names)"

// Symbols interns strings: names of interfaces, applications, services and lists of traffic groups. It only grows, up to
// [MaxSymbols]. Reading takes no lock. It is safe for concurrent use.
type Symbols struct {
	mu       sync.Mutex
	byText   map[string]Symbol
	texts    atomic.Pointer[[]string]
	overflow atomic.Uint64
}

// NewSymbols returns a table that holds only the empty string and the overflow text.
func NewSymbols() *Symbols {
	s := &Symbols{byText: map[string]Symbol{"": 0, SymbolOverflow: 1}}
	texts := []string{"", SymbolOverflow}
	s.texts.Store(&texts)
	return s
}

// Intern returns the symbol of text, making one where there is none yet.
func (s *Symbols) Intern(text string) Symbol {
	if text == "" {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sym, ok := s.byText[text]; ok {
		return sym
	}
	texts := *s.texts.Load()
	if len(texts) >= MaxSymbols {
		s.overflow.Add(1)
		return 1
	}
	text = strings.Clone(text)
	sym := Symbol(len(texts))
	// Readers hold a slice header of the old length: appending behind it never changes what they see.
	texts = append(texts, text)
	s.byText[text] = sym
	s.texts.Store(&texts)
	return sym
}

// InternList returns the symbol of a list of names.
func (s *Symbols) InternList(names []string) Symbol {
	return s.Intern(strings.Join(names, ListSeparator))
}

// Text returns the string of sym; symbols of another table give "".
func (s *Symbols) Text(sym Symbol) string {
	texts := *s.texts.Load()
	if int(sym) < len(texts) {
		return texts[sym]
	}
	return ""
}

// Len returns how many strings the table holds.
func (s *Symbols) Len() int { return len(*s.texts.Load()) }

// Overflowed returns how many strings found no place.
func (s *Symbols) Overflowed() uint64 { return s.overflow.Load() }
