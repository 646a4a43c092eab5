package document

import (
	"strings"
	"time"

	"github.com/weirflow/weir/shared/sink/member"
)

// Refusal is a document that the server refused.
type Refusal struct {
	At           time.Time
	ID           string // of the document
	Target       string // data stream or alias
	Status       int    // of HTTP
	Type, Reason string // as the server names the error
	Document     []byte
}

// maxOriginal is how much of a refused document is kept: a keyword takes 32,766 bytes.
const maxOriginal = 32_000

// AppendRefusal appends the document of a refusal. Its id is that of the refused document.
func (e *Encoder) AppendRefusal(dst []byte, r *Refusal) []byte {
	dst = member.Time(dst, `{"@timestamp":`, r.At.UnixNano())
	dst = member.Text(dst, `,"event.id":`, r.ID)
	dst = member.Text(dst, `,"error.type":`, r.Type)
	dst = member.Text(dst, `,"error.message":`, clip(r.Reason, 4000))
	dst = member.Text(dst, `,"event.original":`, clip(string(r.Document), maxOriginal))
	dst = member.Text(dst, `,"weir.deadletter.target":`, r.Target)
	dst = member.Uint(dst, `,"weir.deadletter.status":`, uint64(max(r.Status, 0)))
	return e.finish(dst, DeadLetter)
}

// clip cuts a text to a number of bytes, without half a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
