package web

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// sessionRow is a session of a host.
type sessionRow struct {
	Start          time.Time
	Duration       string
	Client, Server named
	Service, State string
	Out, In        uint64 // bytes from the client, from the server
}

// fillSessions asks for the host's sessions that ended in the time shown.
func (s *Site) fillSessions(ctx context.Context, d *hostData) error {
	if s.deps.Sessions == nil {
		return nil
	}
	b, err := s.deps.Sessions.Sessions(ctx, query.Question{
		Filter: fmt.Sprintf("related.ip : %q", d.IP), From: d.From, To: d.To, Limit: maxSessions + 1, Offset: d.Skip,
	})
	if err != nil {
		return err
	}
	for i := range b.Sessions[:min(len(b.Sessions), maxSessions)] {
		d.Sessions = append(d.Sessions, sessionOf(b, &b.Sessions[i], d))
	}
	if d.Skip > 0 {
		d.Earlier = sessionsPath(d, max(0, d.Skip-maxSessions))
	}
	if len(b.Sessions) > maxSessions {
		d.Later = sessionsPath(d, d.Skip+maxSessions)
	}
	return nil
}

// sessionsPath is the page of a host with its sessions from one on.
func sessionsPath(d *hostData, skip int) string {
	v := span(d.From, d.To)
	if skip > 0 {
		v.Set("skip", strconv.Itoa(skip))
	}
	return "host/" + d.IP + "?" + v.Encode() + "#sessions"
}

// skipOf reads how many sessions are before those shown.
func skipOf(values url.Values) (int, error) {
	text := values.Get("skip")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, &query.Error{Part: "skip", Text: fmt.Sprintf("%.100q is not a number of sessions", text)}
	}
	return n, nil
}

func sessionOf(b *flow.SessionBatch, s *flow.Session, d *hostData) sessionRow {
	row := sessionRow{
		Start: time.Unix(0, s.Start), Duration: lengthText(time.Duration(max(0, s.Duration()))),
		Client: sideOf(s, &s.Client, d), Server: sideOf(s, &s.Server, d), Service: flow.TransportName(s.Transport), State: s.State.String(),
		Out: s.Client.Bytes, In: s.Server.Bytes,
	}
	if name := b.Symbols.Text(s.Service); name != "" {
		row.Service = name + "/" + row.Service
	}
	if s.Open {
		row.State = strings.TrimSpace(row.State + " open")
	}
	return row
}

// sideOf is an endpoint with the page of its host.
func sideOf(s *flow.Session, e *flow.SessionSide, d *hostData) named {
	n := hostName(e.IP.String(), d.From, d.To)
	if s.HasPorts() {
		n.Text = netip.AddrPortFrom(e.IP.Netip(), e.Port).String()
	}
	return n
}
