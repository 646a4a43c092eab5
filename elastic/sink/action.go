package sink

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// Operations of the bulk API.
const (
	opCreate = "create"
	opIndex  = "index"
)

// appendAction appends the action line of a document.
func appendAction(dst []byte, op, target, id string) []byte {
	dst = appendActionHead(dst, op, target)
	return append(append(dst, escaped(id)...), actionEnd...)
}

const actionEnd = "\"}}\n"

// longestID is the longest id that servers take, in bytes.
const longestID = 512

// escaped is an id as it stands between quotes in JSON; one that is too long becomes a hash of itself.
func escaped(id string) string {
	if len(id) > longestID {
		h := xxh3.HashString128(id).Bytes()
		return hex.EncodeToString(h[:])
	}
	if strings.IndexFunc(id, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' }) < 0 {
		return id
	}
	text, err := json.Marshal(id)
	if err != nil { // a text always becomes JSON
		return ""
	}
	return string(text[1 : len(text)-1])
}

// appendActionHead appends an action line up to the id.
func appendActionHead(dst []byte, op, target string) []byte {
	dst = append(append(dst, `{"`...), op...)
	dst = append(append(dst, `":{"_index":"`...), target...)
	return append(dst, `","_id":"`...)
}

// appendVersioned appends the action line of a document that is replaced by later versions, behind an alias that must be there.
func appendVersioned(dst []byte, target, id string, version int64) []byte {
	dst = appendActionHead(dst, opIndex, target)
	dst = append(append(dst, escaped(id)...), `","version":`...)
	dst = strconv.AppendInt(dst, version, 10)
	return append(dst, ",\"version_type\":\"external_gte\",\"require_alias\":true}}\n"...)
}
