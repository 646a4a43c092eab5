package modinput

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of what is read.
const (
	maxBytes   = 4 << 20
	maxStanzas = 1000
	maxParams  = 1000 // of a stanza
)

// Stanza is one configured input: [scheme://name] with its parameters. Several values of one parameter are joined by commas.
type Stanza struct {
	Name   string
	Params map[string]string
}

// Configuration is what splunkd says. It has a key of a session, too, with which its REST interface could be asked; that is never kept.
type Configuration struct {
	Host          string // name of the server
	CheckpointDir string // folder of the scheme for what must survive a restart; "": none
	Stanzas       []Stanza
}

// ReadInput reads the configuration of inputs that are to run. It ends with the closing tag and does not wait for the end of r.
func ReadInput(r io.Reader) (Configuration, error) {
	return read(r, "input", "stanza")
}

// ReadItems reads the arguments that are to be checked: items in the place of stanzas.
func ReadItems(r io.Reader) (Configuration, error) {
	return read(r, "items", "item")
}

// reader reads a document whose stanzas are elements of the name unit.
type reader struct {
	tokens *xml.Decoder
	unit   string
	into   Configuration
	names  map[string]bool
}

func read(r io.Reader, root, unit string) (Configuration, error) {
	d := &reader{tokens: xml.NewDecoder(io.LimitReader(r, maxBytes)), unit: unit, names: map[string]bool{}}
	for {
		t, err := d.tokens.Token()
		if errors.Is(err, io.EOF) {
			return Configuration{}, fmt.Errorf("standard input ended without <%s>", root)
		}
		if err != nil {
			return Configuration{}, fmt.Errorf("standard input: %w", err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != root {
			return Configuration{}, fmt.Errorf("standard input has <%s> in place of <%s>", start.Name.Local, root)
		}
		if err := d.children(d.top); err != nil {
			return Configuration{}, fmt.Errorf("standard input: %w", err)
		}
		return d.into, nil
	}
}

// children calls f for each element up to the end of the one that is open; f reads it to its end.
func (d *reader) children(f func(xml.StartElement) error) error {
	for {
		t, err := d.tokens.Token()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := f(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// top reads an element of the root, or of <configuration>.
func (d *reader) top(e xml.StartElement) (err error) {
	switch e.Name.Local {
	case "server_host":
		d.into.Host, err = d.text()
	case "checkpoint_dir":
		d.into.CheckpointDir, err = d.text()
	case "configuration":
		err = d.children(func(e xml.StartElement) error {
			if e.Name.Local != d.unit {
				return d.tokens.Skip()
			}
			return d.stanza(e)
		})
	case d.unit:
		err = d.stanza(e)
	default: // the session's key, too
		err = d.tokens.Skip()
	}
	return err
}

func (d *reader) stanza(e xml.StartElement) error {
	s := Stanza{Name: attribute(e, "name"), Params: map[string]string{}}
	switch {
	case s.Name == "":
		return fmt.Errorf("<%s> without a name", d.unit)
	case d.names[s.Name]:
		return fmt.Errorf("%q is there twice", s.Name)
	case len(d.into.Stanzas) >= maxStanzas:
		return fmt.Errorf("more than %d of <%s>", maxStanzas, d.unit)
	}
	err := d.children(func(e xml.StartElement) (err error) {
		var text string
		switch e.Name.Local {
		case "param":
			text, err = d.text()
		case "param_list":
			text, err = d.list()
		default:
			return d.tokens.Skip()
		}
		if err == nil && len(s.Params) >= maxParams {
			err = fmt.Errorf("%q has more than %d parameters", s.Name, maxParams)
		}
		s.Params[attribute(e, "name")] = text
		return err
	})
	d.names[s.Name] = true
	d.into.Stanzas = append(d.into.Stanzas, s)
	return err
}

// text returns the text of the open element and reads it to its end.
func (d *reader) text() (string, error) {
	var b strings.Builder
	for {
		t, err := d.tokens.Token()
		if errors.Is(err, io.EOF) {
			return "", io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return "", fmt.Errorf("<%s> within a text", t.Name.Local)
		case xml.EndElement:
			return strings.TrimSpace(b.String()), nil
		}
	}
}

// list returns the values of the open <param_list>, joined.
func (d *reader) list() (string, error) {
	var values []string
	err := d.children(func(e xml.StartElement) error {
		if e.Name.Local != "value" {
			return d.tokens.Skip()
		}
		text, err := d.text()
		values = append(values, text)
		return err
	})
	return strings.Join(values, ","), err
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
