package pipeline_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A wire script writes datagrams by hand, so that what they hold can be read beside the vendor's document. Its lines are described in
// shared/decode/testdata/vendors/README.md. It shares nothing with the decoders.
type wireScript struct {
	packets []wirePacket
	wants   []string // lines of what the records must be, in their order
	account string   // what the loss account must be

	source    netip.AddrPort
	at        time.Duration
	templates map[string][]wireField

	version  int
	datagram []byte
	records  int
	set      int // where the open data set starts, 0: none is open
	setID    uint64
}

type wirePacket struct {
	at   time.Time
	data []byte // Ethernet frame
}

type wireField struct {
	pen, id uint64
	length  int // 65535: variable
}

// scriptStart is when scripts begin.
var scriptStart = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

const variableLength = 65535

// assembleWire runs a script; a line that makes no sense panics with its text, for the script is part of the test.
func assembleWire(text string) *wireScript {
	s := &wireScript{templates: map[string][]wireField{}, source: netip.MustParseAddrPort("192.0.2.1:50000")}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			s.line(words)
		}
	}
	s.flush()
	return s
}

func (s *wireScript) line(words []string) {
	args := words[1:]
	switch words[0] {
	case "from":
		s.flush()
		s.source = netip.MustParseAddrPort(args[0])
	case "at":
		s.flush()
		seconds := wireCheck(strconv.ParseFloat(args[0], 64))
		s.at = time.Duration(seconds * float64(time.Second))
	case "v5", "v9", "ipfix":
		s.flush()
		s.header(words[0], args)
	case "record5":
		s.record5(args)
	case "layout": // a template that has been sent before, or will be
		fields := []wireField{}
		for _, a := range args[1:] {
			fields = append(fields, parseWireField(a))
		}
		s.templates[s.domain()+args[0]] = fields
	case "template", "options", "withdraw":
		s.define(words[0], args)
	case "data":
		s.data(args)
	case "hex":
		s.closeSet()
		s.datagram = append(s.datagram, wireCheck(hex.DecodeString(strings.Join(args, "")))...)
	case "want":
		s.wants = append(s.wants, strings.Join(args, " "))
	case "account":
		s.account = strings.Join(args, " ")
	default:
		panic("no such line: " + words[0])
	}
}

func wireCheck[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func number(text string) uint64 { return wireCheck(strconv.ParseUint(text, 0, 64)) }

// wireNumber appends v in n bytes.
func wireNumber(b []byte, v uint64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

// options reads key=value.
func wireOptions(args []string) map[string]string {
	m := map[string]string{}
	for _, a := range args {
		key, value, _ := strings.Cut(a, "=")
		m[key] = value
	}
	return m
}

func (s *wireScript) header(version string, args []string) {
	o := wireOptions(args)
	get := func(key string, otherwise uint64) uint64 {
		if o[key] == "" {
			return otherwise
		}
		return number(o[key])
	}
	seconds := get("time", uint64(s.at/time.Second)) + uint64(scriptStart.Unix())
	uptime := get("uptime", 1_000_000+uint64(s.at/time.Millisecond))
	b := []byte{}
	switch version {
	case "v5":
		s.version = 5
		b = wireNumber(wireNumber(b, 5, 2), 0, 2)
		b = wireNumber(wireNumber(b, uptime, 4), seconds, 4)
		b = wireNumber(wireNumber(b, 0, 4), get("seq", 0), 4)
		b = wireNumber(wireNumber(b, get("engine", 0), 2), get("sampling", 0), 2)
	case "v9":
		s.version = 9
		b = wireNumber(wireNumber(b, 9, 2), 0, 2)
		b = wireNumber(wireNumber(b, uptime, 4), seconds, 4)
		b = wireNumber(wireNumber(b, get("seq", 0), 4), get("domain", 0), 4)
	default:
		s.version = 10
		b = wireNumber(wireNumber(b, 10, 2), 0, 2)
		b = wireNumber(wireNumber(b, seconds, 4), get("seq", 0), 4)
		b = wireNumber(b, get("domain", 0), 4)
	}
	s.datagram, s.records = b, 0
}

// record5 has: source, destination, next hop, input, output, packets, bytes, first, last, source port, destination port, flags,
// protocol, ToS, source AS, destination AS, prefix lengths.
func (s *wireScript) record5(args []string) {
	lengths := []int{4, 4, 4, 2, 2, 4, 4, 4, 4, 2, 2, -1, 1, 1, 1, 2, 2, 1, 1, -2}
	b, next := s.datagram, 0
	for _, n := range lengths {
		if n < 0 {
			b = append(b, make([]byte, -n)...)
			continue
		}
		b = wireValue(b, args[next], n)
		next++
	}
	s.datagram = b
	s.records++
}

func (s *wireScript) define(kind string, args []string) {
	s.closeSet()
	s.records++
	id := args[0]
	var fields []wireField
	scope := 0
	for _, a := range args[1:] {
		if a == "|" {
			scope = len(fields)
			continue
		}
		fields = append(fields, parseWireField(a))
	}
	s.templates[s.domain()+id] = fields
	setID, optionsID := uint64(0), uint64(1)
	if s.version == 10 {
		setID, optionsID = 2, 3
	}
	b := wireNumber(nil, number(id), 2)
	switch {
	case kind == "options" && s.version == 9:
		setID = optionsID
		b = wireNumber(wireNumber(b, uint64(4*scope), 2), uint64(4*(len(fields)-scope)), 2)
	case kind == "options":
		setID = optionsID
		b = wireNumber(wireNumber(b, uint64(len(fields)), 2), uint64(scope), 2)
	default:
		b = wireNumber(b, uint64(len(fields)), 2)
	}
	for _, f := range fields {
		if f.pen != 0 {
			b = wireNumber(wireNumber(wireNumber(b, f.id|0x8000, 2), uint64(f.length), 2), f.pen, 4)
		} else {
			b = wireNumber(wireNumber(b, f.id, 2), uint64(f.length), 2)
		}
	}
	s.open(setID)
	s.datagram = append(s.datagram, b...)
	s.closeSet()
}

// domain is what templates are scoped to: source and the header's last field.
func (s *wireScript) domain() string {
	from := 16
	if s.version == 10 {
		from = 12
	}
	return fmt.Sprint(s.source, s.version, binary.BigEndian.Uint32(s.datagram[from:]), "/")
}

func parseWireField(text string) (f wireField) {
	id, length, _ := strings.Cut(text, ":")
	if pen, rest, ok := strings.Cut(id, "/"); ok {
		f.pen, id = number(pen), rest
	}
	f.id = number(id)
	if f.length = variableLength; length != "v" {
		f.length = int(number(length))
	}
	return f
}

func (s *wireScript) data(args []string) {
	id := args[0]
	fields, ok := s.templates[s.domain()+id]
	if !ok {
		panic("no template " + id)
	}
	if s.set == 0 || s.setID != number(id) {
		s.closeSet()
		s.open(number(id))
	}
	if len(args)-1 != len(fields) {
		panic(fmt.Sprintf("template %s has %d fields, the record %d: %v", id, len(fields), len(args)-1, args))
	}
	for i, f := range fields {
		s.datagram = wireValue(s.datagram, args[1+i], f.length)
	}
	s.records++
}

// wireTime reads a time in a unit since 1970, relative to the start of the script: ms+2500, s-10.
func wireTime(text string) (v uint64, ok bool) {
	if offset, is := strings.CutPrefix(text, "ntp+"); is { // ms after the start, as NTP time (RFC 5905, 6)
		ms := uint64(scriptStart.UnixMilli()) + number(offset)
		return (ms/1000+2_208_988_800)<<32 | ms%1000<<32/1000, true
	}
	for unit, start := range map[string]int64{"ms": scriptStart.UnixMilli(), "s": scriptStart.Unix()} {
		if offset, is := strings.CutPrefix(text, unit); is && offset != "" && strings.Contains("+-", offset[:1]) {
			return uint64(start + wireCheck(strconv.ParseInt(offset, 10, 64))), true
		}
	}
	return 0, false
}

// wireValue appends a value in n bytes: address, MAC, 'text' (_ is a space), time, or number.
func wireValue(b []byte, text string, n int) []byte {
	var v []byte
	if t, ok := wireTime(text); ok {
		return wireNumber(b, t, n)
	}
	if digits, is := strings.CutPrefix(text, "x:"); is { // bytes
		return append(b, wireCheck(hex.DecodeString(digits))...)
	}
	quoted := strings.HasPrefix(text, "'")
	ip, notIP := netip.ParseAddr(text)
	mac, notMAC := net.ParseMAC(text)
	switch {
	case quoted:
		v = []byte(strings.ReplaceAll(strings.Trim(text, "'"), "_", " "))
	case notIP == nil:
		v = ip.AsSlice()
	case notMAC == nil:
		v = mac
	default:
		return wireNumber(b, number(text), n)
	}
	switch {
	case n == variableLength:
		return append(wireNumber(b, uint64(len(v)), 1), v...)
	case quoted && len(v) < n:
		v = append(v, make([]byte, n-len(v))...)
	case len(v) != n:
		panic(fmt.Sprintf("%s does not have %d bytes", text, n))
	}
	return append(b, v...)
}

func (s *wireScript) open(id uint64) {
	s.set, s.setID = len(s.datagram), id
	s.datagram = wireNumber(wireNumber(s.datagram, id, 2), 0, 2)
}

func (s *wireScript) closeSet() {
	if s.set == 0 {
		return
	}
	for s.version == 9 && (len(s.datagram)-s.set)%4 != 0 {
		s.datagram = append(s.datagram, 0)
	}
	binary.BigEndian.PutUint16(s.datagram[s.set+2:], uint16(len(s.datagram)-s.set))
	s.set = 0
}

// flush ends the datagram at hand.
func (s *wireScript) flush() {
	s.closeSet()
	if s.datagram == nil {
		return
	}
	size := s.records
	if s.version == 10 {
		size = len(s.datagram)
	}
	binary.BigEndian.PutUint16(s.datagram[2:], uint16(size))
	s.packets = append(s.packets, wirePacket{at: scriptStart.Add(s.at), data: wireFrame(s.source, s.datagram)})
	s.datagram = nil
}

// wireFrame wraps a payload for a capture file.
func wireFrame(source netip.AddrPort, payload []byte) []byte {
	frame := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}}
	udp := &layers.UDP{SrcPort: layers.UDPPort(source.Port()), DstPort: 2055}
	parts := []gopacket.SerializableLayer{frame}
	if source.Addr().Is4() {
		frame.EthernetType = layers.EthernetTypeIPv4
		parts = append(parts, &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: source.Addr().AsSlice(), DstIP: net.IP{192, 0, 2, 250}})
	} else {
		frame.EthernetType = layers.EthernetTypeIPv6
		parts = append(parts, &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolUDP, SrcIP: source.Addr().AsSlice(), DstIP: net.ParseIP("2001:db8::250")})
	}
	b := gopacket.NewSerializeBuffer()
	parts = append(parts, udp, gopacket.Payload(payload))
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, parts...); err != nil {
		panic(err)
	}
	return b.Bytes()
}
