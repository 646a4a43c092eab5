package pivot

// services are public ones that tell of addresses, ports and AS numbers without a log-in, under the addresses that they publish
// themselves: Spamhaus in the answers of its block lists, RIPEstat and the Internet Storm Center in their documentation.
var services = []definition{
	{name: "sans-isc", title: "SANS ISC", url: "https://isc.sans.edu/ipinfo/{ip}", kinds: []Kind{Address}, scope: PublicAddresses},
	{name: "sans-isc", title: "SANS ISC", url: "https://isc.sans.edu/port.html?port={port}", kinds: []Kind{Port}, scope: AllAddresses},
	{name: "sans-isc", title: "SANS ISC", url: "https://isc.sans.edu/asdetailsascii.html?as={asn}", kinds: []Kind{AS}, scope: PublicAddresses},
	{name: "otx", title: "AlienVault OTX", url: "https://otx.alienvault.com/indicator/ip/{ip}", kinds: []Kind{Address}, scope: PublicAddresses},
	{name: "spamhaus", title: "Spamhaus", url: "https://check.spamhaus.org/query/ip/{ip}", kinds: []Kind{Address}, scope: PublicAddresses},
	// Its pages, like its block list, are of IPv4 addresses only.
	{name: "project-honey-pot", title: "Project Honey Pot", url: "https://www.projecthoneypot.org/ip_{ip}", kinds: []Kind{Address}, scope: PublicAddresses, v4: true},
	{name: "abuseipdb", title: "AbuseIPDB", url: "https://www.abuseipdb.com/check/{ip}", kinds: []Kind{Address}, scope: PublicAddresses},
	{name: "ripestat", title: "RIPEstat", url: "https://stat.ripe.net/resource/{ip}", kinds: []Kind{Address}, scope: PublicAddresses},
	{name: "ripestat", title: "RIPEstat", url: "https://stat.ripe.net/resource/AS{asn}", kinds: []Kind{AS}, scope: PublicAddresses},
}

// Services returns the names of the public services.
func Services() (names []string) {
	for i, s := range services {
		if i == 0 || s.name != services[i-1].name {
			names = append(names, s.name)
		}
	}
	return names
}
