package encode

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// Formats of sFlow v5 structures (enterprise 0).
const (
	sampleFlow            = 1
	sampleCounter         = 2
	sampleExpandedFlow    = 3
	sampleExpandedCounter = 4

	recordRawHeader = 1
	recordSwitch    = 1001
	recordRouter    = 1002
	recordGateway   = 1003

	recordGenericCounters  = 1
	recordEthernetCounters = 2
	recordPortName         = 1005 // of "sFlow OpenFlow Structures"
)

const (
	sflowHeader4  = 28  // of a datagram of an IPv4 agent
	sflowHeader6  = 40  // and of an IPv6 agent
	defaultHeader = 128 // bytes of each packet
	pathSequence  = 2   // AS_SEQUENCE
	etherCSMACD   = 6   // IANAifType of Ethernet
	fullDuplex    = 1
	upUp          = 3 // ifAdminStatus and ifOperStatus
)

// AgentConfig says what sFlow v5 agent an [Agent] stands for.
type AgentConfig struct {
	Address  netip.Addr // the agent's own
	SubAgent uint32
	Boot     time.Time // when its uptime was 0, kept to the millisecond
	// Expanded sends the expanded forms of samples, as devices with large ifIndexes do.
	Expanded bool
	// HeaderBytes is how much is sent of each packet, 0 means 128. NoFlags ends headers before the TCP flags.
	HeaderBytes int
	NoFlags     bool
	// MaxPayload is the largest UDP payload in bytes; 0 means 1400, the specification's advice.
	MaxPayload int
}

// Agent writes sFlow v5 datagrams (sFlow.org, "sFlow Version 5", July 2004) of one agent and sub-agent. It is not safe for concurrent
// use.
type Agent struct {
	cfg      AgentConfig
	bootMs   int64
	seq      uint32
	flows    map[uint32]uint32 // samples so far by source
	counters map[uint32]uint32
	buf      []byte
}

// NewAgent checks cfg, fills in its defaults and returns an agent that has sent nothing yet.
func NewAgent(cfg AgentConfig) (*Agent, error) {
	if cfg.HeaderBytes == 0 {
		cfg.HeaderBytes = defaultHeader
	}
	if cfg.MaxPayload == 0 {
		cfg.MaxPayload = 1400
	}
	if !cfg.Address.IsValid() || cfg.HeaderBytes < 60 || cfg.HeaderBytes > 256 || cfg.MaxPayload < 600 || cfg.MaxPayload > 65507 {
		return nil, fmt.Errorf("encode sflow: agent %s, headers of %d bytes, payload limit %d: want an address, 60 to 256 and 600 to 65507",
			cfg.Address, cfg.HeaderBytes, cfg.MaxPayload)
	}
	return &Agent{cfg: cfg, bootMs: cfg.Boot.UnixMilli(), seq: 1, flows: map[uint32]uint32{}, counters: map[uint32]uint32{}}, nil
}

// Next appends to dst one datagram that leaves the agent at now, with as many leading samples as fit, and says how many those are.
// Without samples dst comes back unchanged. An error (it wraps ErrRange) names the sample that cannot be written; nothing is counted
// as sent then.
func (a *Agent) Next(dst []byte, now time.Time, samples []Sample) (datagram []byte, used int, err error) {
	if len(samples) == 0 {
		return dst, 0, nil
	}
	start := len(dst)
	dst = a.header(dst, now)
	for used < len(samples) {
		if a.buf, err = a.sample(a.buf[:0], &samples[used]); err != nil {
			return dst[:start], 0, fmt.Errorf("encode sflow: sample %d: %w", used, err)
		}
		if used > 0 && len(dst)-start+len(a.buf) > a.cfg.MaxPayload {
			break
		}
		dst = append(dst, a.buf...)
		a.count(&samples[used])
		used++
	}
	binary.BigEndian.PutUint32(dst[start+a.headerSize()-4:], uint32(used))
	a.seq++
	return dst, used, nil
}

// Size is how many bytes of payload a sample takes, 0 where it cannot be written; MaxPayload less the header is there for all.
func (a *Agent) Size(s *Sample) int {
	var err error
	if a.buf, err = a.sample(a.buf[:0], s); err != nil {
		return 0
	}
	return len(a.buf)
}

// Room is how many bytes of samples a datagram holds.
func (a *Agent) Room() int { return a.cfg.MaxPayload - a.headerSize() }

func (a *Agent) headerSize() int {
	if a.cfg.Address.Is4() {
		return sflowHeader4
	}
	return sflowHeader6
}

func (a *Agent) header(dst []byte, now time.Time) []byte {
	b := binary.BigEndian
	dst = appendXDRAddr(b.AppendUint32(dst, 5), a.cfg.Address)
	dst = b.AppendUint32(dst, a.cfg.SubAgent)
	dst = b.AppendUint32(dst, a.seq)
	dst = b.AppendUint32(dst, uint32(now.UnixMilli()-a.bootMs))
	return b.AppendUint32(dst, 0) // samples, see Next
}

// number is the number that the next sample of its source carries.
func (a *Agent) number(s *Sample) uint32 {
	if s.Counters != nil {
		return a.counters[s.Source] + 1
	}
	return a.flows[s.Source] + 1
}

func (a *Agent) count(s *Sample) {
	if s.Counters != nil {
		a.counters[s.Source]++
	} else {
		a.flows[s.Source]++
	}
}

func (a *Agent) sample(dst []byte, s *Sample) ([]byte, error) {
	if !a.cfg.Expanded && (s.Source>>24 != 0 || s.Packet.In>>30 != 0 || s.Packet.Out>>30 != 0) {
		return dst, fmt.Errorf("interfaces %d, %d and %d: %w", s.Source, s.Packet.In, s.Packet.Out, ErrRange)
	}
	if s.Counters != nil {
		return a.counterSample(dst, s), nil
	}
	return a.flowSample(dst, s)
}

func (a *Agent) flowSample(dst []byte, s *Sample) ([]byte, error) {
	b, p := binary.BigEndian, &s.Packet
	format := uint32(sampleFlow)
	if a.cfg.Expanded {
		format = sampleExpandedFlow
	}
	dst, from := openStruct(dst, format)
	dst = a.source(b.AppendUint32(dst, a.number(s)), s.Source)
	dst = b.AppendUint32(b.AppendUint32(b.AppendUint32(dst, s.Rate), s.Pool), s.Drops)
	dst = a.ifIndex(a.ifIndex(dst, p.In), p.Out)
	records := uint32(3)
	if p.SrcAS|p.DstAS != 0 {
		records++
	}
	dst = b.AppendUint32(dst, records)
	dst, err := a.rawHeader(dst, p)
	if err != nil {
		return dst, err
	}
	dst = appendExtended(dst, p)
	closeStruct(dst, from)
	return dst, nil
}

// rawHeader appends the start of the packet; the length of the frame counts the frame check sequence, which is stripped.
func (a *Agent) rawHeader(dst []byte, p *Packet) ([]byte, error) {
	b := binary.BigEndian
	dst, from := openStruct(dst, recordRawHeader)
	dst = b.AppendUint32(dst, 1) // Ethernet
	dst = b.AppendUint32(dst, uint32(FrameLength(p.Length, p.VLAN != 0)))
	dst = b.AppendUint32(dst, frameCheck)
	dst = b.AppendUint32(dst, 0) // length of the header, below
	head := len(dst)
	dst, err := p.appendFrame(dst, a.headerBytes(p))
	if err != nil {
		return dst, err
	}
	b.PutUint32(dst[head-4:], uint32(len(dst)-head))
	dst = append(dst, make([]byte, (head-len(dst))&3)...)
	closeStruct(dst, from)
	return dst, nil
}

// headerBytes is how much is sent of a packet.
func (a *Agent) headerBytes(p *Packet) int {
	if !a.cfg.NoFlags || p.Protocol != TCP {
		return a.cfg.HeaderBytes
	}
	const beforeFlags = 13 // bytes of the TCP header
	n := ethernetHeader + ipv4Header + beforeFlags
	if !p.Src.Is4() {
		n += ipv6Header - ipv4Header
	}
	if p.VLAN != 0 {
		n += vlanTag
	}
	return min(n, a.cfg.HeaderBytes)
}

// appendExtended appends what switch and routers say of a packet.
func appendExtended(dst []byte, p *Packet) []byte {
	b := binary.BigEndian
	dst, from := openStruct(dst, recordSwitch)
	dst = b.AppendUint32(b.AppendUint32(dst, uint32(p.VLAN)), 0) // VLAN and priority on input
	dst = b.AppendUint32(b.AppendUint32(dst, uint32(p.OutVLAN)), 0)
	closeStruct(dst, from)
	dst, from = openStruct(dst, recordRouter)
	dst = appendXDRAddr(dst, p.nextHop())
	dst = b.AppendUint32(b.AppendUint32(dst, uint32(p.SrcMask)), uint32(p.DstMask))
	closeStruct(dst, from)
	if p.SrcAS|p.DstAS == 0 {
		return dst
	}
	dst, from = openStruct(dst, recordGateway)
	dst = appendXDRAddr(dst, p.nextHop())
	for _, as := range [...]uint32{0, p.SrcAS, p.SrcAS} { // the router's own, the source's, the peer's towards it
		dst = b.AppendUint32(dst, as)
	}
	if p.DstAS == 0 {
		dst = b.AppendUint32(dst, 0)
	} else { // a path of one segment of one AS
		for _, v := range [...]uint32{1, pathSequence, 1, p.DstAS} {
			dst = b.AppendUint32(dst, v)
		}
	}
	dst = b.AppendUint32(b.AppendUint32(dst, 0), 0) // communities, local preference
	closeStruct(dst, from)
	return dst
}
