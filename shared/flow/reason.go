package flow

// Reason says why something was refused, expired, set aside, dropped, repaired or found malformed. Reasons are shared by all
// counters of the loss account, so that one word means one thing everywhere.
type Reason uint8

// Reasons. The comment says which counters use them.
const (
	ReasonNone Reason = iota

	// Datagrams refused.
	RefusedVersion    // no protocol of ours by its header
	RefusedShort      // shorter than its protocol's header
	RefusedLength     // length or count field contradicts the datagram
	RefusedRepeated   // the same datagram again within its sequence window
	RefusedNotAllowed // exporter is not on the allow-list
	RefusedStreamCap  // more exporters and domains than the cap
	RefusedProxy      // malformed or missing PROXY protocol header of a sender that should put one in front
	RefusedUntrusted  // PROXY protocol header of a sender that may not speak for others

	// Sets expired or set records lost while waiting for their template.
	ExpiredAge       // the template did not come in time
	ExpiredCap       // the waiting buffer was full: the oldest went
	ExpiredRestart   // the exporter or Weir restarted while the set waited
	ExpiredMalformed // the set could not be decoded with the template that came, or not be read at all

	// Malformed input (errors), by what was wrong.
	MalformedSetLength    // a set's length is under 4 or beyond the datagram
	MalformedTemplate     // template or options template cut short
	MalformedTemplateZero // a template whose records have no size would never end
	MalformedTemplateCap  // more templates or fields than the cap
	MalformedField        // a variable-length field runs beyond its set
	MalformedRecord       // a record is cut short
	MalformedRecordCap    // more records in a set than the cap
	MalformedSample       // an sFlow sample contradicts its length
	MalformedHeader       // the sampled packet header cannot be read as a packet
	MalformedLine         // a JSON line is not a record
	MalformedSourceCap    // no malformed sample, but one of a source beyond the cap: its gaps and drops are not counted

	// Records set aside (weir.invalid).
	InvalidEndBeforeStart // end of flow before its start
	InvalidNoPackets      // bytes without packets
	InvalidFuture         // end more than a minute after receipt
	InvalidDuration       // longer than any flow cache keeps a flow
	InvalidRate           // more bytes than any link carries in that time
	InvalidPacketSize     // more bytes a packet than IP allows
	InvalidAddress        // no addresses at all where the protocol needs them

	// Records dropped.
	DroppedQueue    // the queue between two steps was full
	DroppedStore    // the store refused them
	DroppedShutdown // stopping took too long

	// Repairs.
	RepairedUptimeWrap // first or last switched lay before a wrap of sysUptime
	RepairedNoTime     // record without times: receive time taken
	RepairedLength     // header's count or length corrected from the datagram
	RepairedClock      // the exporter's clock is bad: receive time taken

	NumReasons
)

var reasonNames = [NumReasons]string{
	"",
	"version", "short", "length", "repeated", "not_allowed", "stream_cap", "proxy_header", "proxy_untrusted",
	"template_timeout", "waiting_cap", "restart", "malformed_set",
	"set_length", "template", "template_zero_size", "template_cap", "field_length", "record_length", "record_cap", "sample", "packet_header", "json_line", "source_cap",
	"end_before_start", "no_packets", "future", "duration", "rate", "packet_size", "address",
	"queue_full", "store", "shutdown",
	"uptime_wrap", "no_time", "length_corrected", "clock",
}

// String returns the name used in counters, in weir.invalid and in error messages; ReasonNone is "".
func (r Reason) String() string { return nameOf(reasonNames[:], uint8(r)) }

// ParseReason is the inverse of [Reason.String].
func ParseReason(s string) (Reason, bool) {
	n, ok := numberOf(reasonNames[:], s)
	return Reason(n), ok
}
