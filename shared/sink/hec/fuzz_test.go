package hec

import (
	"bytes"
	"testing"

	"github.com/weirflow/weir/shared/sink/cim"
)

// FuzzAnswer: whatever a server answers is read without a panic, and success is only what says so.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{
		`{"text":"Success","code":0,"ackId":7}`, `{"text":"Invalid data format","code":6,"invalid-event-number":3}`, `{"acks":{"0":true,"1":false}}`,
		`<html>`, ``, `{"code":99999999999}`, `{"code":-1,"ackId":-1,"invalid-event-number":-1}`, `[]`, `{"code":24}`, `{"text":"a\u0000b\n","code":9}`,
	} {
		f.Add(200, []byte(text))
		f.Add(503, []byte(text))
	}
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		a := parseAnswer(status, text)
		if ok := a.class == taken || a.class == near; ok && (status < 200 || status > 299 || a.code != 0 && a.code != 24 && a.code != 25) {
			t.Errorf("%d %q is taken for success", status, text)
		}
		if a.bad < -1 || a.ack < -1 || bytes.ContainsAny([]byte(a.text), "\n\r\x00") {
			t.Errorf("%+v", a)
		}
		_ = a.error("h").Error() + reasonOf(a.status, a.code)
	})
}

// FuzzEntry: whatever is in a spool is read without a panic.
func FuzzEntry(f *testing.F) {
	e := newEnvelope(&Names{Source: "weir"})
	other := newEnvelope(&Names{Source: "weir", Fallback: "main"})
	p := &piece{}
	for _, kind := range []cim.Kind{cim.Flow, cim.Flow, cim.Alert, cim.Status} {
		p.text = e.append(p.text, &cim.Event{Kind: kind, Time: 1, Host: "h", JSON: []byte(`{"id":"a"}`)})
		p.runs = appendRun(p.runs, kind, 1)
	}
	k := packer{sum: e.sum}
	if err := k.pack(p, func(data []byte) { f.Add(data); f.Add(data[:len(data)/2]) }); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := readEntry(data, other)
		if err != nil || w.events == 0 {
			return
		}
		lines, err := w.lines()
		if err != nil {
			return
		}
		if len(lines) != w.events || w.kindOf(w.events-1) > cim.Status {
			t.Errorf("%d lines of %d events", len(lines), w.events)
		}
		if part, err := w.cut(lines, 1, w.events); err == nil && part.events != w.events-1 {
			t.Errorf("%d events of %d", part.events, w.events)
		}
		idOf(lines[0])
	})
}
