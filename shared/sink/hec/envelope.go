package hec

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/sink/cim"
)

// Names are what Splunk files events under.
type Names struct {
	Source string
	// Index and Sourcetype are by kind. An index that is missing is Fallback; "": that of the token. A sourcetype that is missing is the kind's own.
	Index      map[cim.Kind]string
	Sourcetype map[cim.Kind]string
	Fallback   string
}

// envelope writes the members around an event. What is the same for all events of a kind is made once.
type envelope struct {
	middle [maxKind][]byte // from the end of the host's name to the event
	sum    uint64          // of all names: pieces that were made under others are made anew
}

// maxKind bounds kinds.
const maxKind = 16

func newEnvelope(n *Names) *envelope {
	e := &envelope{}
	var all []byte
	for _, kind := range cim.Kinds() {
		var b []byte
		b = appendMember(b, "source", n.Source)
		sourcetype := n.Sourcetype[kind]
		if sourcetype == "" {
			sourcetype = kind.Sourcetype()
		}
		b = appendMember(b, "sourcetype", sourcetype)
		index, ok := n.Index[kind]
		if !ok {
			index = n.Fallback
		}
		if index != "" {
			b = appendMember(b, "index", index)
		}
		b = append(b, `"event":`...)
		e.middle[kind] = b
		all = binary.BigEndian.AppendUint32(all, uint32(len(b)))
		all = append(all, b...)
	}
	e.sum = xxh3.Hash(all)
	return e
}

func appendMember(dst []byte, name, value string) []byte {
	dst = append(append(append(dst, '"'), name...), `":`...)
	return append(appendText(dst, value), ',')
}

// appendText appends a text in quotes.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			b, err := json.Marshal(s)
			if err != nil { // a text always becomes JSON
				return append(dst, `""`...)
			}
			return append(dst, b...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

// append appends an event in its envelope, one line.
func (e *envelope) append(dst []byte, ev *cim.Event) []byte {
	dst = append(dst, '{')
	if ev.Time > 0 {
		dst = append(dst, `"time":`...)
		dst = append(strconv.AppendInt(dst, ev.Time/1e9, 10), '.')
		for rest, unit := ev.Time%1e9/1e3, int64(1e5); unit > 0; unit /= 10 {
			dst = append(dst, byte('0'+rest/unit%10))
		}
		dst = append(dst, ',')
	}
	return e.close(dst, ev)
}

// close appends what follows the time.
func (e *envelope) close(dst []byte, ev *cim.Event) []byte {
	if ev.Host != "" {
		dst = appendMember(dst, "host", ev.Host)
	}
	dst = append(dst, e.middle[ev.Kind%maxKind]...)
	return append(append(dst, ev.JSON...), "}\n"...)
}

// rename makes a line anew under the names as of now.
func (e *envelope) rename(dst, line []byte, kind cim.Kind) ([]byte, error) {
	var old struct {
		Time  json.Number     `json:"time"`
		Host  string          `json:"host"`
		Event json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(line, &old); err != nil {
		return dst, fmt.Errorf("hec: a line of the spool: %w", err)
	}
	dst = append(dst, '{')
	if old.Time != "" {
		dst = append(append(append(dst, `"time":`...), old.Time...), ',')
	}
	return e.close(dst, &cim.Event{Kind: kind, Host: old.Host, JSON: bytes.TrimSpace(old.Event)}), nil
}
