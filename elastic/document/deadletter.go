package document

import (
	"strings"
	"time"
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
	dst = appendTime(dst, `{"@timestamp":`, r.At.UnixNano())
	dst = appendText(dst, `,"event.id":`, r.ID)
	dst = appendText(dst, `,"error.type":`, r.Type)
	dst = appendText(dst, `,"error.message":`, clip(r.Reason, 4000))
	dst = appendText(dst, `,"event.original":`, clip(string(r.Document), maxOriginal))
	dst = appendText(dst, `,"weir.deadletter.target":`, r.Target)
	dst = appendUint(dst, `,"weir.deadletter.status":`, uint64(max(r.Status, 0)))
	return e.finish(dst, DeadLetter)
}

// clip cuts a text to a number of bytes, without half a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
