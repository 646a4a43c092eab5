package hec

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"time"
)

// line is a channel of a sender at a collector. Numbers of acknowledgements grow on it; where they do not, the server has restarted, or there
// are several behind the address.
type line struct {
	target *target
	id     string // a GUID, as Splunk wants it
	http   *http.Client
	used   bool  // a number was given out
	first  int64 // of the numbers
	last   int64
}

// newLine opens a channel. A balancer's cookie, which leads to the same server again, belongs to it.
func newLine(t *target, transport http.RoundTripper, timeout time.Duration) *line {
	jar, _ := cookiejar.New(nil) // without options it does not fail
	return &line{target: t, id: guid(), http: &http.Client{
		Transport: transport, Timeout: timeout, Jar: jar,
		// The token must not follow to where an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// guid returns a random one (RFC 9562 section 5.4).
func guid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// give takes a number, and tells whether it follows the earlier ones.
func (l *line) give(number int64) (follows bool) {
	follows = !l.used || number > l.last
	if !l.used {
		l.first = number
	}
	l.used, l.last = true, number
	return follows
}

// sent is a work that waits for its acknowledgement.
type sent struct {
	*work
	line   *line
	number int64
	at     time.Time
}
