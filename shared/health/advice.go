package health

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Advice is what weir doctor says to a fault.
type Advice struct {
	Why      string    `json:"why"`
	Mend     string    `json:"mend"`
	Commands []Command `json:"commands"` // may be empty
}

// Command is what mends a fault, or shows more of it, on the devices of a vendor. Words in capitals are to be filled in; " ; " separates lines.
type Command struct {
	Vendor  string `json:"vendor"`
	Command string `json:"command"`
}

// Advise returns why a fault matters and what mends it on a device of the vendor (a name of [Vendor.String]); where that is not known
// or has no command, on those of the most common ones that speak the protocol.
func Advise(f *Fault, vendor, protocol string) Advice {
	k, ok := ParseKind(f.Kind)
	if !ok {
		return Advice{Commands: []Command{}}
	}
	r := &remedies[k]
	a := Advice{Why: strings.ReplaceAll(r.why, "%s", lateness(f.Value)), Mend: r.mend, Commands: []Command{}}
	p, _ := flow.ParseProtocol(protocol)
	list := candidates(p)
	if v := ParseVendor(vendor); v != VendorUnknown && r.commands[v] != "" {
		list = []Vendor{v}
	}
	for _, v := range list {
		if command := r.commands[v]; command != "" && !slices.ContainsFunc(a.Commands, func(c Command) bool { return c.Command == command }) {
			a.Commands = append(a.Commands, Command{Vendor: v.String(), Command: command})
		}
	}
	return a
}

// lateness is a length of time in words.
func lateness(s float64) string {
	if s >= 120 {
		return count(float64(int(s/60+0.5)), "minute")
	}
	return count(float64(int(s+0.5)), "second")
}
