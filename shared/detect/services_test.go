package detect

import (
	"slices"
	"strings"
	"testing"
)

// knownServices are the names by which findings are told, from the table of the specification; groups of a row are split.
const knownServices = `dns ntp cldap ssdp memcached chargen qotd snmpv2 ws-discovery arms coap mdns ripv1 portmap netbios ldap tftp
	mssqlbrowser l2tp openvpn ubiquitidiscovery dhcpdiscover plexpmssdp jenkinsdisc stun quic ms-rdpudp slp tp-240 sentinellicence
	ipmi xdmcp sip bacnet quake3 steam bittorrent kad crestron digiman vxworks gtp-u db2 isakmp nat-pmp lantronix esp gre`

func TestServiceTableIsWhole(t *testing.T) {
	list, err := parseServices(serviceTable)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	want := strings.Fields(knownServices)
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("services %v\nwant %v", names, want)
	}
	for _, tcp := range []string{"tcpsyn-ackreflection", "middleboxtcp"} {
		if !strings.Contains(serviceTable, "\n"+tcp+",") {
			t.Errorf("the row of %s is missing", tcp)
		}
	}
}

// TestServiceNumbers holds a sample of the table against the numbers of the specification.
func TestServiceNumbers(t *testing.T) {
	list, err := parseServices(serviceTable)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]service{}
	for _, s := range list {
		by[s.name] = s
	}
	for _, c := range []struct {
		name  string
		ports []uint16
		bpp   float64
		mbps  float64
	}{
		{"dns", []uint16{53}, 400, 50}, {"ntp", []uint16{123}, 200, 5}, {"cldap", []uint16{389}, 1000, 5},
		{"memcached", []uint16{11211}, 1000, 1}, {"coap", []uint16{5683, 5684}, 200, 5}, {"ripv1", []uint16{520}, 300, 1},
		{"quic", []uint16{443}, 200, 100}, {"steam", []uint16{27015}, 200, 10}, {"isakmp", []uint16{500}, 60, 50},
		{"lantronix", []uint16{30718}, 60, 2}, {"tp-240", []uint16{10074}, 40, 1}, {"sip", []uint16{5060}, 300, 20},
	} {
		s := by[c.name]
		if !slices.Equal(s.ports, c.ports) || s.bpp != c.bpp || s.bps != c.mbps*1e6 {
			t.Errorf("%s: %+v, want %+v", c.name, s, c)
		}
	}
}

func TestServiceTableErrors(t *testing.T) {
	const head = "service,title,transport,ports,baf,bpp,mbps,blind,rule,legit\n"
	for name, row := range map[string]string{
		"columns":   "dns,DNS,udp",
		"transport": "dns,DNS,carrier pigeon,53,1,1,1,low,reflection,",
		"port":      "dns,DNS,udp,70000,1,1,1,low,reflection,",
		"bpp":       "dns,DNS,udp,53,1,much,1,low,reflection,",
		"mbps":      "dns,DNS,udp,53,1,1,,low,reflection,",
		"blind":     "dns,DNS,udp,53,1,1,1,perhaps,reflection,",
	} {
		if _, err := parseServices(head + row + "\n"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := parseServices(""); err == nil {
		t.Error("an empty table is accepted")
	}
}
