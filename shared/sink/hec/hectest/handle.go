package hectest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// taken is an event of a request.
type taken struct {
	event Event
	sum   uint64
}

// statuses are the statuses of codes (documented at Splunk under "HTTP Event Collector error codes").
var statuses = map[int]int{
	0: 200, 1: 403, 2: 401, 3: 401, 4: 403, 5: 400, 6: 400, 7: 400, 8: 500, 9: 503, 10: 400, 11: 400, 12: 400, 13: 400, 14: 400, 15: 400, 16: 400,
	17: 200, 18: 503, 19: 503, 20: 503, 21: 400, 22: 400, 23: 503, 24: 200, 25: 200, 26: 429, 27: 429,
}

// ServeHTTP answers as a collector.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/services/collector/health" {
		s.mu.Lock()
		s.health++
		s.mu.Unlock()
		say(w, 17, nil)
		return
	}
	if code := s.authorize(r); code != 0 {
		say(w, code, nil)
		return
	}
	switch r.URL.Path {
	case "/services/collector/event", "/services/collector":
		s.take(w, r)
	case "/services/collector/ack":
		s.acks(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) authorize(r *http.Request) int {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case r.Header.Get("Authorization") == "":
		return 2
	case !ok || scheme != "Splunk":
		return 3
	case token != s.cfg.Token:
		return 4
	}
	return 0
}

func say(w http.ResponseWriter, code int, more map[string]any) {
	answer := map[string]any{"text": "text of code " + strconv.Itoa(code), "code": code}
	for k, v := range more {
		answer[k] = v
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statuses[code])
	_ = json.NewEncoder(w).Encode(answer)
}

// count takes note of a fault and returns it.
func (s *Server) count(f Fault) Fault {
	if name := f.String(); name != "" {
		s.faults[name]++
	}
	return f
}

func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.posts++
	var f Fault
	if s.cfg.Fault != nil {
		f = s.count(s.cfg.Fault(s.posts))
	}
	s.mu.Unlock()
	for k, v := range f.Header {
		w.Header()[k] = v
	}
	if f.ResetBody {
		_, _ = io.CopyN(io.Discard, r.Body, 1000)
		panic(http.ErrAbortHandler) // ends the connection
	}
	text, err := s.body(r)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	case f.Status != 0:
		http.Error(w, "not Splunk", f.Status)
		return
	case f.Code != 0 && f.Code != 24 && f.Code != 25:
		say(w, f.Code, nil)
		return
	}
	id := r.Header.Get("X-Splunk-Request-Channel")
	if s.cfg.Ack && id == "" {
		say(w, 10, nil)
		return
	}
	list, code, bad := s.parse(text)
	more := s.settle(list, id, code, f)
	if code != 0 {
		if code != 5 {
			more["invalid-event-number"] = bad
		}
		say(w, code, more)
		return
	}
	if f.LostAnswer {
		panic(http.ErrAbortHandler)
	}
	say(w, f.Code, more)
}

func (s *Server) body(r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("hectest: %w", err)
	}
	if s.cfg.MaxBytes > 0 && int64(len(text)) > s.cfg.MaxBytes {
		return nil, errClosed
	}
	if r.Header.Get("Content-Encoding") != "gzip" {
		return text, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("hectest: %w", err)
	}
	if text, err = io.ReadAll(z); err != nil {
		return nil, fmt.Errorf("hectest: %w", err)
	}
	return text, nil
}

// parse takes a body apart up to the first event that is not to be taken, and says why and which that is. An event with the member poison is
// taken for one that is no JSON.
func (s *Server) parse(text []byte) (list []taken, code, bad int) {
	d := json.NewDecoder(bytes.NewReader(text))
	for n := 0; ; n++ {
		var raw struct {
			Event
			Text json.RawMessage `json:"event"`
		}
		switch err := d.Decode(&raw); {
		case err == io.EOF && n == 0:
			return nil, 5, 0
		case err == io.EOF:
			return list, 0, 0
		case err != nil:
			return list, 6, n
		case len(raw.Text) == 0:
			return list, 12, n
		case string(raw.Text) == `""`:
			return list, 13, n
		case json.Unmarshal(raw.Text, &raw.known) != nil, raw.known.Poison != nil:
			return list, 6, n
		case s.cfg.Indexes != nil && raw.Index != "" && !slices.Contains(s.cfg.Indexes, raw.Index):
			return list, 7, n
		}
		if s.cfg.Keep {
			raw.text = raw.Text
		}
		list = append(list, taken{raw.Event, xxh3.Hash(raw.Text)})
	}
}

// settle takes events: what is acknowledged later is safe then, the rest now.
func (s *Server) settle(list []taken, id string, code int, f Fault) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cfg.Ack || code != 0 {
		s.keep(list)
		return map[string]any{}
	}
	c := s.channels[id]
	if c == nil {
		c = &channel{waiting: map[int64]*waiting{}}
		s.channels[id] = c
	}
	number := c.next
	c.next++
	if !f.LostData {
		c.waiting[number] = &waiting{events: list, lost: f.LostAck}
	}
	return map[string]any{"ackId": number}
}

// keep takes note of events that are safe.
func (s *Server) keep(list []taken) {
	for i := range list {
		id := list[i].event.ID()
		if old, ok := s.texts[id]; ok && old != list[i].sum {
			s.changed[id] = true
		}
		s.texts[id] = list[i].sum
		s.safe[id]++
		if s.cfg.Keep {
			s.events = append(s.events, list[i].event)
		}
	}
}

func (s *Server) acks(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Acks []int64 `json:"acks"`
	}
	text, err := s.body(r)
	if err != nil || json.Unmarshal(text, &ask) != nil {
		say(w, 6, nil)
		return
	}
	s.mu.Lock()
	s.polls++
	var f Fault
	if s.cfg.PollFault != nil {
		f = s.count(s.cfg.PollFault(s.polls))
	}
	s.mu.Unlock()
	id := r.URL.Query().Get("channel")
	switch {
	case f.ResetBody:
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		http.Error(w, "not Splunk", f.Status)
		return
	case f.Code != 0:
		say(w, f.Code, nil)
		return
	case !s.cfg.Ack:
		say(w, 14, nil)
		return
	case id == "":
		say(w, 10, nil)
		return
	}
	acks := s.acknowledge(id, ask.Acks)
	if f.LostAnswer { // the acknowledgements are told once: they are lost
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"acks": acks})
}

func (s *Server) acknowledge(id string, numbers []int64) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	acks := map[string]bool{}
	for _, n := range numbers {
		acks[strconv.FormatInt(n, 10)] = false
		c := s.channels[id]
		if c == nil || c.waiting[n] == nil {
			continue
		}
		it := c.waiting[n]
		if it.asked++; it.asked < s.cfg.AckAfter {
			continue
		}
		s.keep(it.events)
		it.events = nil
		if it.lost {
			continue
		}
		delete(c.waiting, n)
		acks[strconv.FormatInt(n, 10)] = true
	}
	return acks
}
