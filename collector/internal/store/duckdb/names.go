//go:build cgo

package duckdb

import (
	"context"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// names gives texts the numbers under which hot files hold them: 1, 2, 3 and on, as in the table names. It only grows, up to
// [flow.MaxSymbols]; after that new texts are [flow.SymbolOverflow].
type names struct {
	byText map[string]uint32
	known  numbered
	fresh  int // how many of the last ones are not committed yet

	table   *flow.Symbols
	numbers []uint32 // by symbol of the table; 0: not asked for yet
}

// numbered is texts that have numbers, one after the other.
type numbered struct {
	first uint64 // number of the first
	texts []string
	cells []stringT // of the texts; of a long one only the length
}

func newNumbered(first uint64, texts ...string) *numbered {
	n := &numbered{first: first}
	for _, text := range texts {
		n.add(text)
	}
	return n
}

// add gives a text the next number.
func (n *numbered) add(text string) {
	n.texts = append(n.texts, text)
	cell := stringT{n: uint32(len(text))}
	if len(text) <= stringInline {
		cell = inlineString(text)
	}
	n.cells = append(n.cells, cell)
}

// load reads the table names.
func (n *names) load(ctx context.Context, c *conn) error {
	n.byText, n.known = map[string]uint32{}, numbered{first: firstName}
	r, err := c.query(ctx, "SELECT id, text FROM names ORDER BY id")
	if err != nil {
		return err
	}
	defer r.close()
	for r.next() {
		text := r.text(1)
		n.byText[text] = uint32(get[uint64](r, 0))
		n.known.add(text)
	}
	return nil
}

// firstName is the number of the first of the names.
const firstName = 1

// follow prepares for symbols of the table.
func (n *names) follow(table *flow.Symbols) {
	if n.table != table {
		n.table, n.numbers = table, n.numbers[:0]
	}
	if more := table.Len() - len(n.numbers); more > 0 {
		n.numbers = append(n.numbers, make([]uint32, more)...)
	}
}

// number returns the number of a symbol's text.
func (n *names) number(s flow.Symbol) uint32 {
	if int(s) >= len(n.numbers) {
		return n.of(flow.SymbolOverflow) // of another table: cannot be
	}
	if n.numbers[s] == 0 {
		n.numbers[s] = n.of(strings.ToValidUTF8(n.table.Text(s), "\uFFFD"))
	}
	return n.numbers[s]
}

func (n *names) of(text string) uint32 {
	number, ok := n.byText[text]
	if ok {
		return number
	}
	if len(n.byText) >= flow.MaxSymbols && text != flow.SymbolOverflow {
		return n.of(flow.SymbolOverflow)
	}
	number = uint32(len(n.byText) + 1)
	n.byText[text] = number
	n.known.add(text)
	n.fresh++
	return number
}

// write adds the new texts to the table names, as part of the transaction that uses them first.
func (n *names) write(ctx context.Context, c *conn) error {
	if n.fresh == 0 {
		return nil
	}
	committed := len(n.known.texts) - n.fresh
	ids := make([]uint64, n.fresh)
	for i := range ids {
		ids[i] = uint64(committed + i + firstName)
	}
	return c.exec(ctx, "INSERT INTO names SELECT unnest(?), unnest(?)", ids, n.known.texts[committed:])
}
