package behavior

// guessedService is a service whose logins are guessed: what a failed attempt looks like from the client. SSH is
// from SSHCure, Telnet and RDP from NEMEA, the others are our own.
type guessedService struct {
	name       string
	ports      []uint16
	minPackets uint64
	maxPackets uint64
	minBytes   uint64
	maxBytes   uint64
	polled     bool // programs log in often and alike: it takes more to call an inside client a guesser
}

var guessed = []guessedService{
	{"ssh", []uint16{22, 2222}, 11, 51, 1000, 5000, false},
	{"telnet", []uint16{23, 2323}, 9, 50, 450, 3000, false},
	{"rdp", []uint16{3389}, 20, 100, 2200, 8001, false},
	{"ftp", []uint16{21}, 6, 30, 300, 2500, false},
	{"smtp", []uint16{25, 465, 587}, 6, 30, 300, 4000, true},
	{"imap", []uint16{143, 993}, 6, 30, 300, 4000, true},
	{"pop3", []uint16{110, 995}, 6, 30, 300, 4000, true},
	{"smb", []uint16{445}, 8, 60, 1000, 12000, false},
	{"winrm", []uint16{5985, 5986}, 8, 60, 1000, 12000, false},
	{"vnc", []uint16{5900, 5901, 5902, 5903, 5904, 5905, 5906}, 6, 25, 350, 2500, false},
	{"mssql", []uint16{1433}, 5, 25, 300, 4000, true},
	{"mysql", []uint16{3306}, 5, 25, 300, 4000, true},
	{"postgresql", []uint16{5432}, 5, 25, 300, 4000, true},
	{"redis", []uint16{6379}, 5, 25, 300, 4000, true},
	{"mongodb", []uint16{27017}, 5, 25, 300, 4000, true},
	{"ldap", []uint16{389, 636}, 4, 20, 300, 4000, true},
	{"kerberos", []uint16{88}, 4, 20, 300, 4000, true},
}

// guessedPorts has for each port 1 + the number of its service, 0 for none.
var guessedPorts = portsOfGuessed()

func portsOfGuessed() *[1 << 16]uint8 {
	var ports [1 << 16]uint8
	for i := range guessed {
		for _, p := range guessed[i].ports {
			ports[p] = uint8(i + 1)
		}
	}
	return &ports
}

// guessedBy returns the service of a port, or nil.
func guessedBy(port uint16) *guessedService {
	if n := guessedPorts[port]; n != 0 {
		return &guessed[n-1]
	}
	return nil
}

// failed tells whether what a client sent is of the size of a failed attempt.
func (g *guessedService) failed(packets, bytes uint64) bool {
	return packets >= g.minPackets && packets <= g.maxPackets && bytes >= g.minBytes && bytes <= g.maxBytes
}
