package modinput

import "strconv"

// Types of a parameter, as Splunk names them.
const (
	TypeString  = "string"
	TypeNumber  = "number"
	TypeBoolean = "boolean"
)

// Parameter is what a stanza of an input can say. Name is of letters, digits, - and _.
type Parameter struct {
	Name        string
	Title       string // a few words, in Splunk's forms
	Description string // a sentence
	Type        string
	Example     string // a value that is right
	Default     string // "": none
	Required    bool
}

// Scheme is what an input says of itself. Its name is that of the executable and the prefix of its stanzas: [name://...].
type Scheme struct {
	Name        string
	Title       string
	Description string
	// SingleInstance asks for one process for all stanzas; else each has its own.
	SingleInstance bool
	Parameters     []Parameter
}

// AppendXML appends the answer to --scheme.
func (s *Scheme) AppendXML(dst []byte) []byte {
	dst = append(dst, "<scheme>\n"...)
	dst = appendElement(dst, "  ", "title", s.Title)
	dst = appendElement(dst, "  ", "description", s.Description)
	dst = appendElement(dst, "  ", "use_external_validation", "true")
	dst = appendElement(dst, "  ", "streaming_mode", "xml")
	dst = appendElement(dst, "  ", "use_single_instance", strconv.FormatBool(s.SingleInstance))
	dst = append(dst, "  <endpoint>\n    <args>\n"...)
	for i := range s.Parameters {
		dst = s.Parameters[i].appendXML(dst)
	}
	return append(dst, "    </args>\n  </endpoint>\n</scheme>\n"...)
}

func (p *Parameter) appendXML(dst []byte) []byte {
	const indent = "        "
	dst = append(dst, `      <arg name="`...)
	dst = AppendAttribute(dst, p.Name)
	dst = append(dst, "\">\n"...)
	dst = appendElement(dst, indent, "title", p.Title)
	dst = appendElement(dst, indent, "description", p.Description)
	dst = appendElement(dst, indent, "data_type", p.Type)
	dst = appendElement(dst, indent, "required_on_create", strconv.FormatBool(p.Required))
	dst = appendElement(dst, indent, "required_on_edit", "false")
	return append(dst, "      </arg>\n"...)
}

func appendElement(dst []byte, indent, name, text string) []byte {
	dst = append(dst, indent...)
	dst = append(dst, '<')
	dst = append(dst, name...)
	dst = append(dst, '>')
	dst = AppendText(dst, text)
	dst = append(dst, "</"...)
	dst = append(dst, name...)
	return append(dst, ">\n"...)
}

// AppendError appends the answer to --validate-arguments that refuses them.
func AppendError(dst []byte, message string) []byte {
	dst = append(dst, "<error><message>"...)
	dst = AppendText(dst, message)
	return append(dst, "</message></error>\n"...)
}
