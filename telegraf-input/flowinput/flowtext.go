package flowinput

import "github.com/weirflow/weir/shared/flow"

// texts makes texts of what is the same in record after record, once.
type texts struct {
	exporter flow.Addr
	text     string
}

func (t *texts) of(a flow.Addr) string {
	if t.text == "" || a != t.exporter {
		t.exporter, t.text = a, a.String()
	}
	return t.text
}

// countries holds the texts of all pairs of capital letters.
var countries = makeCountries()

func makeCountries() (table [26 * 26]string) {
	for i := range table {
		table[i] = string([]byte{byte('A' + i/26), byte('A' + i%26)})
	}
	return table
}

// countryText returns the text of a country's code without making one.
func countryText(c [2]byte) string {
	i, j := int(c[0])-'A', int(c[1])-'A'
	if i < 0 || i > 25 || j < 0 || j > 25 {
		return ""
	}
	return countries[i*26+j]
}

// hexBytes holds the texts of all bytes, as "0x00".
var hexBytes = makeHexBytes()

func makeHexBytes() (table [256]string) {
	const digits = "0123456789abcdef"
	for i := range table {
		table[i] = "0x" + string([]byte{digits[i>>4], digits[i&15]})
	}
	return table
}

// flagTexts holds the texts of all TCP flags of the low byte, CWR first, a dot for those not set.
var flagTexts = makeFlagTexts()

func makeFlagTexts() (table [256]string) {
	const letters = "CEUAPRSF"
	for i := range table {
		text := []byte(letters)
		for bit := range text {
			if i&(0x80>>bit) == 0 {
				text[bit] = '.'
			}
		}
		table[i] = string(text)
	}
	return table
}
