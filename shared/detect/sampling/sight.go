package sampling

import "strings"

// State is how well a detector sees.
type State uint8

// States.
const (
	Full     State = iota
	Degraded       // it finds less, or says less
	Off            // it finds nothing
)

var stateNames = [...]string{"full", "degraded", "off"}

// String returns the name.
func (s State) String() string { return stateNames[min(int(s), len(stateNames)-1)] }

// Sight is how well a detector sees at a class of intervals, and why not better.
type Sight struct {
	State State
	Why   string // a clause in lower case without a period; "" where the state is Full
}

// Row is what sampling leaves of some detectors.
type Row struct {
	Detectors []string // names; one that ends in * stands for all that begin so and have no row of their own
	Sights    [NumClasses]Sight
}

// reduced and blind make sights.
func reduced(why string) Sight { return Sight{Degraded, why} }
func blind(why string) Sight   { return Sight{Off, why} }

// rows is the table: docs/sampling.md, for the detectors that there are.
var rows = []Row{
	{[]string{"dos.volumetric.host"}, sampled(reduced(
		"rates are estimates and need 100 sampled packets a window, new flows are not counted, and two signs that tell a surge are missing"))},
	{[]string{"dos.reflection.*"}, sampled(reduced(
		"rates are estimates and need 100 sampled packets a window, and it cannot be told what was asked for"))},
	{[]string{
		"dos.reflection.unknown", "dos.reflection.l2tp", "dos.reflection.openvpn", "dos.reflection.stun", "dos.reflection.quic",
		"dos.reflection.isakmp", "dos.reflection.esp", "dos.reflection.gre",
	}, sampled(blind("everyday traffic looks the same where it cannot be told what was asked for"))},
	{[]string{"scan.horizontal"}, [NumClasses]Sight{
		{}, reduced("a scan must be about 10·N probes to be seen; a SYN seen alone is a failure"),
		reduced("a scan must be about 10·N probes to be seen; a SYN seen alone is a failure"),
		reduced("a scan must be about 10·N probes to be seen; a SYN seen alone is a failure"),
		reduced("evidence only: told with severity info"),
	}},
	{[]string{"scan.vertical"}, [NumClasses]Sight{
		{}, reduced("thresholds are halved, most probes are not seen"),
		blind("too few ports of one host are seen"), blind("too few ports of one host are seen"), blind("too few ports of one host are seen"),
	}},
	{[]string{"scan.block"}, [NumClasses]Sight{
		{}, reduced("thresholds are halved, most probes are not seen"), reduced("ten hosts and ten ports must be among what is sampled"),
		blind("too few probes are seen"), blind("too few probes are seen"),
	}},
	{[]string{"label.backscatter"}, sampled(blind("an answer that is seen without its request is everyday traffic"))},
	{[]string{
		"brute.ssh", "brute.telnet", "brute.rdp", "brute.ftp", "brute.smb", "brute.winrm", "brute.vnc",
	}, brute("")},
	{[]string{
		"brute.smtp", "brute.imap", "brute.pop3", "brute.mssql", "brute.mysql", "brute.postgresql", "brute.redis", "brute.mongodb",
		"brute.ldap", "brute.kerberos",
	}, brute(", four times as many as others, from outside alone")},
	{[]string{"brute.success"}, sampled(blind("the size of a session is lost"))},
	{[]string{"exfil.session"}, [NumClasses]Sight{
		{}, reduced("100 packets of the session must be sampled"), reduced("100 packets of the session must be sampled, about 15 MB·N/100"),
		reduced("from 150 MB"), reduced("from 1 GB"),
	}},
	{[]string{"behav.new_login"}, sampled(reduced(
		"told with severity info, and only where more packets were sampled than a failed login has: what was not seen may have been there"))},
	{[]string{"policy.violation"}, sampled(reduced("sums are estimates and counts a lower bound: what is seen is proof, what is not seen is none"))},
}

// brute is guessing by the number of connections alone.
func brute(more string) [NumClasses]Sight {
	return [NumClasses]Sight{
		{}, reduced("sizes are lost: connections are counted by their SYNs, severity is low at most" + more),
		reduced("30 SYNs of a pair must be sampled, severity is low at most" + more),
		reduced("30,000 connections or more, severity is low at most" + more), blind("too few connections are seen"),
	}
}

// sampled is full sight unsampled and another at all intervals.
func sampled(s Sight) [NumClasses]Sight { return [NumClasses]Sight{{}, s, s, s, s} }

// Rows returns the table. It is not to be changed.
func Rows() []Row { return rows }

// Of returns how well a detector sees; one that the table does not know sees as well as ever.
func Of(detector string, c Class) Sight {
	c = min(c, Beyond)
	found, best := Sight{}, -1
	for i := range rows {
		for _, name := range rows[i].Detectors {
			prefix, all := strings.CutSuffix(name, "*")
			if name == detector {
				return rows[i].Sights[c]
			}
			if all && strings.HasPrefix(detector, prefix) && len(prefix) > best {
				found, best = rows[i].Sights[c], len(prefix)
			}
		}
	}
	return found
}

// Sees tells whether a detector finds anything at all.
func Sees(detector string, c Class) bool { return Of(detector, c).State != Off }

// CannotSee returns the detectors that are off at a class, in the order of the table; none, not nil, where all see something.
func CannotSee(c Class) []string {
	list := []string{}
	for i := range rows {
		if rows[i].Sights[min(c, Beyond)].State == Off {
			list = append(list, rows[i].Detectors...)
		}
	}
	return list
}

// Caveat returns what an alert says of sampling: the interval and what it means for the detector; "" where nothing is to be said.
func Caveat(detector string, interval float64) string {
	why := Of(detector, ClassOf(interval)).Why
	switch {
	case why == "":
		return ""
	case interval < 1:
		return "The sampling interval is not known: " + why + "."
	}
	return "Sampled " + Text(interval) + ": " + why + "."
}
