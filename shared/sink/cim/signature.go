package cim

import "strings"

// signatures are what detectors find, in words: what follows the name is put for the star.
var signatures = []struct{ detector, words string }{
	{"dos.volumetric.host", "Flood on a host"},
	{"dos.reflection.unknown", "Reflection flood"},
	{"dos.reflection.", "Reflection flood: *"},
	{"scan.horizontal", "Horizontal scan"},
	{"scan.vertical", "Vertical scan"},
	{"scan.block", "Block scan"},
	{"label.backscatter", "Backscatter"},
	{"brute.success", "Login after password guessing"},
	{"brute.", "Password guessing: *"},
	{"exfil.session", "Much data sent to outside"},
	{"behav.new_login", "First admin session from outside"},
	{"policy.violation", "Policy violation"},
	{"infra.interface", "Interface in trouble"},
	{"infra.exporter", "Exporter in trouble"},
}

// signatureOf returns what a detector finds: few texts for many alerts, so that alerts can be counted by it.
func signatureOf(detector string) string {
	for _, s := range signatures {
		rest, ok := strings.CutPrefix(detector, s.detector)
		if ok && (rest == "" || strings.HasSuffix(s.detector, ".")) {
			return strings.Replace(s.words, "*", rest, 1)
		}
	}
	return detector
}

// categories are the families of detectors, by the first part of their names.
var categories = map[string]string{
	"dos": "denial of service", "scan": "scan", "label": "backscatter", "brute": "brute force", "exfil": "exfiltration", "behav": "behavior", "policy": "policy",
	"infra": "infrastructure",
}

func categoryOf(detector string) string {
	family, _, _ := strings.Cut(detector, ".")
	if words, ok := categories[family]; ok {
		return words
	}
	return family
}
