package traffic

// amplifier is a UDP service that answers small questions with large answers,
// which floods abuse by asking in the victim's name (Rossow, "Amplification
// Hell", NDSS 2014; CISA alert TA14-017A).
type amplifier struct {
	name       string  // as in dos.reflection.<name>
	port       uint16  // source port of the flood
	low, high  float64 // mean IP bytes a packet
	fragmented bool    // answers come in two fragments, the second without ports
	floor      float64 // bit/s that a detector must be able to notice
}

// amplifierTable lists services whose floods look unlike their proper use.
// Sizes lie above what their proper answers have.
func amplifierTable() []amplifier {
	return []amplifier{
		{"dns", 53, 1480, 1500, true, 50e6},
		{"ntp", 123, 440, 468, false, 5e6},
		{"cldap", 389, 1480, 1500, true, 5e6},
		{"ssdp", 1900, 300, 420, false, 5e6},
		{"memcached", 11211, 1380, 1428, false, 1e6},
		{"chargen", 19, 600, 1050, false, 1e6},
		{"snmpv2", 161, 1480, 1500, true, 5e6},
		{"ws-discovery", 3702, 900, 1400, false, 5e6},
	}
}
