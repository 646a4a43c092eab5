//go:build cgo

package duckdb_test

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/flow"
)

// mix makes batches like those of the bench mix: eight exporters, NetFlow v9, 24 records a datagram; sources Zipf(1.1) over 2 M
// addresses, 5,000 destinations inside, ten services, bytes with a Zipf tail; flows end now and began up to 60 s ago.
type mix struct {
	rng       *rand.Rand
	sources   *rand.Zipf
	bytes     *rand.Zipf
	account   *flow.Account
	symbols   *flow.Symbols
	datagrams uint64
	services  []service
}

type service struct {
	port  uint16
	proto uint8
	name  flow.Symbol
}

const recordsPerDatagram = 24

func newMix(seed uint64, account *flow.Account) *mix {
	rng := rand.New(rand.NewPCG(seed, 7))
	m := &mix{rng: rng, sources: rand.NewZipf(rng, 1.1, 1, 2_000_000-1), bytes: rand.NewZipf(rng, 2, 1500, 100_000_000), account: account, symbols: flow.NewSymbols()}
	for _, s := range []struct {
		port  uint16
		proto uint8
		name  string
	}{{443, 6, "https"}, {443, 17, "https"}, {53, 17, "dns"}, {80, 6, "http"}, {25, 6, "smtp"}, {22, 6, "ssh"}, {993, 6, "imaps"}, {3389, 6, "rdp"}, {123, 17, "ntp"}, {8080, 6, ""}} {
		m.services = append(m.services, service{s.port, s.proto, m.symbols.Intern(s.name)})
	}
	return m
}

// fill makes a batch of datagrams that were received at now (ns) and after.
func (m *mix) fill(b *flow.Batch, datagrams int, now int64) {
	b.Reset()
	b.Symbols = m.symbols
	for range datagrams {
		m.datagrams++
		var seed [8]byte
		binary.BigEndian.PutUint64(seed[:], m.datagrams)
		hash := xxh3.Hash128(seed[:])
		exporter := flow.AddrFrom4(0x0a000001 + uint32(m.datagrams%8))
		stream := m.account.Stream(flow.StreamKey{Exporter: exporter, Domain: 1, Protocol: flow.NetFlow9})
		now += 250_000
		b.Datagrams = append(b.Datagrams, flow.Datagram{
			ID: flow.DatagramID{Hi: hash.Hi, Lo: hash.Lo}, Exporter: exporter, Domain: 1, Protocol: flow.NetFlow9, Received: now,
			Exported: now / 1e9 * 1e9, Stream: stream, Records: recordsPerDatagram,
			Mark: flow.StreamMark{Key: stream.Key, Next: uint32(m.datagrams), Known: true, Order: now / 1e9 * 1e9},
		})
		stream.Datagrams.Add(1)
		stream.Decoded.Add(1)
		stream.Records.Add(recordsPerDatagram)
		stream.InFlight.Add(recordsPerDatagram)
		for i := range recordsPerDatagram {
			m.record(b, uint32(len(b.Datagrams)-1), uint32(i), now)
		}
	}
}

func (m *mix) record(b *flow.Batch, meta, number uint32, now int64) {
	r, rng := b.Grow(), m.rng
	d := &b.Datagrams[meta]
	r.Meta, r.ID = meta, flow.EventID{Datagram: d.ID, Set: 1, Record: number}
	r.Created, r.Exporter, r.Protocol, r.Domain = d.Received, d.Exporter, d.Protocol, d.Domain
	r.End = (now/1e6 - 1 - rng.Int64N(1000)) * 1e6
	r.Start = r.End - rng.Int64N(60_000)*1e6
	r.Source.IP = flow.AddrFrom4(uint32(m.sources.Uint64()*2654435761%(1<<21)) + 0x51000000)
	r.Destination.IP = flow.AddrFrom4(0x0a010000 + rng.Uint32N(5000))
	s := m.services[rng.IntN(len(m.services))]
	r.Source.Port, r.Destination.Port, r.IPProtocol, r.Service = uint16(1024+rng.IntN(64000)), s.port, s.proto, s.name
	r.Bytes = 40 + m.bytes.Uint64()
	r.Packets = r.Bytes/900 + 1
	r.RawBytes, r.Source.Bytes, r.RawPackets, r.Source.Packets = r.Bytes, r.Bytes, r.Packets, r.Packets
	r.SamplingInterval, r.SamplingSource = 1, flow.SamplingAssumed
	r.InIf, r.OutIf = uint32(1+rng.IntN(8)), uint32(1+rng.IntN(8))
	r.Source.ASN, r.Destination.ASN = 64500+r.Source.IP.V4()>>16&0xff, 64500
	r.NextHop = flow.AddrFrom4(0x0a0000fe)
	r.Direction = flow.Inbound
	r.Present = flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes |
		flow.HasPackets | flow.HasToS | flow.HasInIf | flow.HasOutIf | flow.HasStart | flow.HasEnd
	if s.proto == 6 {
		r.TCPFlags = 0x1b
		r.Present |= flow.HasTCPFlags
	}
}
