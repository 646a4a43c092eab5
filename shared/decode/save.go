package decode

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"

	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
)

// saveFormat is the version of what Save writes; Load reads only this one.
const saveFormat = 1

// savedState is the whole of what Save writes.
type savedState struct {
	Format  int           `json:"format"`
	Streams []savedStream `json:"streams"`
}

type savedStream struct {
	Exporter netip.Addr     `json:"exporter"`
	Domain   uint32         `json:"domain"`
	Protocol string         `json:"protocol"`
	Port     uint16         `json:"port,omitempty"` // where devices are told apart by it
	Told     *netip.Addr    `json:"told,omitempty"` // the address that the exporter told of itself
	State    template.State `json:"state"`
}

// Generation grows whenever something that [Decoder.Save] writes has changed.
func (d *Decoder) Generation() uint64 { return d.limits.Generation() }

// Save writes the templates and what options told, as JSON that [Decoder.Load] reads. Streams are written one after the other
// while decoding goes on.
func (d *Decoder) Save(w io.Writer) error {
	all := savedState{Format: saveFormat}
	for _, account := range d.deps.Account.Streams() {
		d.mu.RLock()
		s := d.streams[account.Key]
		d.mu.RUnlock()
		if s == nil || s.session == nil {
			continue
		}
		saved := savedStream{Exporter: s.key.Exporter.Netip(), Domain: s.key.Domain, Protocol: s.key.Protocol.String()}
		saved.Port = s.key.Port
		s.mu.Lock()
		if a := s.told.address; !a.IsZero() {
			ip := a.Netip()
			saved.Told = &ip
		}
		saved.State = s.session.State()
		s.mu.Unlock()
		all.Streams = append(all.Streams, saved)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	return nil
}

// Load takes over what [Decoder.Save] wrote. What is known already wins. Templates that would not be accepted from an exporter
// are left out; an error means that nothing could be read.
func (d *Decoder) Load(r io.Reader) error {
	var all savedState
	if err := json.NewDecoder(r).Decode(&all); err != nil {
		return fmt.Errorf("load templates: %w", err)
	}
	if all.Format != saveFormat {
		return fmt.Errorf("load templates: format %d, want %d", all.Format, saveFormat)
	}
	for _, saved := range all.Streams {
		protocol, ok := flow.ParseProtocol(saved.Protocol)
		if !ok || !saved.Exporter.IsValid() {
			continue
		}
		key := flow.StreamKey{Exporter: flow.AddrFromNetip(saved.Exporter), Domain: saved.Domain, Protocol: protocol, Port: saved.Port}
		s := d.stream(key)
		if s == nil || s.session == nil {
			continue
		}
		if key.Port != 0 && saved.Told != nil {
			d.setApart(key)
		}
		s.mu.Lock()
		if saved.Told != nil && saved.Told.IsValid() && s.told.address.IsZero() {
			d.setExporter(s, &s.conversation, told{address: flow.AddrFromNetip(*saved.Told), port: key.Port})
		}
		skipped := s.session.Load(saved.State)
		s.mu.Unlock()
		if skipped > 0 {
			d.deps.Log.Warn("saved templates left out", "exporter", saved.Exporter, "domain", saved.Domain, "count", skipped)
		}
	}
	return nil
}
