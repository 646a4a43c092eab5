package history

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/normalize"
)

// portion is a batch of records with the sessions they make. One whose hour is set ends that hour.
type portion struct {
	records  *flow.Batch
	sessions flow.SessionBatch
	at       time.Time // the latest datagram
	ends     bool
	hour     int
}

// datagramsPerBatch makes batches of about the size that a pipeline has.
const datagramsPerBatch = 80

// maker makes records of datagrams, as a collector's pipeline does, but for sessions: of those each question is one, with its answer.
type maker struct {
	decoder    *decode.Decoder
	normalizer *normalize.Normalizer
	enricher   *enrich.Enricher
	symbols    *flow.Symbols
	account    *flow.Account
	sources    [exporters]netip.AddrPort
}

func newMaker() (*maker, error) {
	m := &maker{symbols: flow.NewSymbols(), account: flow.NewAccount()}
	m.decoder = decode.New(decode.DefaultConfig(), decode.Deps{Account: m.account, Symbols: m.symbols})
	var err error
	if m.normalizer, err = normalize.New(normalize.Config{}, normalize.Deps{}); err != nil {
		return nil, err
	}
	cfg := enrich.Config{Inside: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Groups: groups()}
	if m.enricher, err = enrich.New(cfg, enrich.Deps{Symbols: m.symbols, Interfaces: newNames(m.symbols)}); err != nil {
		return nil, err
	}
	for i := range m.sources {
		m.sources[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 255, 0, byte(1 + i)}), 40000)
	}
	return m, nil
}

func (m *maker) newPortion() *portion {
	p := &portion{records: flow.NewBatch(datagramsPerBatch*RecordsPerDatagram, m.symbols)}
	p.sessions.Symbols = m.symbols
	return p
}

// decode adds a datagram's records to the portion.
func (m *maker) decode(p *portion, exporter int, at time.Time, payload []byte) error {
	p.at = at
	if err := m.decoder.Decode(payload, m.sources[exporter], at.UnixNano(), p.records); err != nil {
		return fmt.Errorf("history: own datagram: %w", err)
	}
	return nil
}

// finish completes the portion's records and makes its sessions.
func (m *maker) finish(p *portion) {
	m.normalizer.Batch(p.records)
	m.enricher.Batch(p.records)
	p.sessions.Sessions = appendSessions(p.sessions.Sessions[:0], p.records.Records)
}
