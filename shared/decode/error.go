package decode

import (
	"fmt"

	"github.com/weirflow/weir/shared/flow"
)

// Error is the first fault found in a datagram; all of them are counted in the loss account. What could be read of the
// datagram has been decoded all the same.
type Error struct {
	Exporter flow.Addr
	Domain   uint32
	Protocol flow.Protocol // ProtocolUnknown where the header names none of ours
	Version  uint32        // version field of the header as it stands there
	Template uint16        // template or set id, 0 where none is concerned
	Reason   flow.Reason
	Detail   string // what was wrong, for people; may be ""
}

// Error implements error.
func (e *Error) Error() string {
	s := fmt.Sprintf("decode: exporter %s, version %d, domain %d", e.Exporter, e.Version, e.Domain)
	if e.Template != 0 {
		s += fmt.Sprintf(", template %d", e.Template)
	}
	s += ": " + e.Reason.String()
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}
