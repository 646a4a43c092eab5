package pipeline

import (
	"maps"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/normalize"
)

// Summary counts what decoding captures gave.
type Summary struct {
	Datagrams      uint64            `json:"datagrams"`
	Records        uint64            `json:"records"` // data records and flow samples
	ByProtocol     map[string]uint64 `json:"by_protocol"`
	ByExporter     map[string]uint64 `json:"by_exporter"`
	Templates      int64             `json:"templates"`
	OptionsRecords uint64            `json:"options_records"`
	FlowSamples    uint64            `json:"flow_samples"`
	CounterSamples uint64            `json:"counter_samples"`
	DroppedPackets uint64            `json:"dropped_packets"`
	Errors         map[string]uint64 `json:"errors"`       // refused datagrams and malformed parts, by reason
	WaitingSets    int64             `json:"waiting_sets"` // whose template never came
	ExpiredSets    uint64            `json:"expired_sets"`
	Invalid        map[string]uint64 `json:"invalid"` // records that would be set aside, by reason
	Gaps           uint64            `json:"gaps"`    // units missing by the sequence numbers
	Restarts       uint64            `json:"restarts"`
	Clashes        uint64            `json:"clashes"` // signs of several devices that cannot be told apart
}

// Show decodes and normalizes datagrams without detecting or storing: what weir decode does. Exporters' times stay as they are.
type Show struct {
	account    *flow.Account
	decoder    *decode.Decoder
	normalizer *normalize.Normalizer
	batch      *flow.Batch
	invalid    map[string]uint64
	exporters  map[flow.Addr]uint64 // records by exporter
}

// NewShow returns a Show; of the configuration what it knows of exporters counts.
func NewShow(cfg config.Config) (*Show, error) {
	s := &Show{account: flow.NewAccount(), invalid: map[string]uint64{}, exporters: map[flow.Addr]uint64{}}
	symbols := flow.NewSymbols()
	s.batch = flow.NewBatch(256, symbols)
	decoding := decode.DefaultConfig()
	decoding.Exporters = exportersOf(cfg.Exporters)
	s.decoder = decode.New(decoding, decode.Deps{Account: s.account, Symbols: symbols})
	var err error
	s.normalizer, err = normalize.New(normalize.Config{Show: true, Overrides: overrides(cfg.Exporters)}, normalize.Deps{})
	return s, err
}

// Decode decodes a datagram and lends its records to each. Errors are counted.
func (s *Show) Decode(d listen.Datagram, each func(*flow.Batch)) {
	s.batch.Reset()
	_ = s.decoder.DecodeSession(d.Session, d.Payload, d.Source, d.Received, s.batch) // counted by reason in the loss account: see Summary
	s.normalizer.Batch(s.batch)
	for i := range s.batch.Records {
		s.exporters[s.batch.Records[i].Exporter]++
		if why := s.batch.Records[i].Invalid; why != flow.ReasonNone {
			s.invalid[why.String()]++
		}
	}
	each(s.batch)
}

// Summary returns the counts so far.
func (s *Show) Summary() Summary {
	sum := Summary{ByProtocol: map[string]uint64{}, ByExporter: map[string]uint64{}, Errors: map[string]uint64{}, Invalid: maps.Clone(s.invalid)}
	for _, st := range s.account.Streams() {
		sum.add(st)
	}
	for exporter, n := range s.exporters {
		sum.ByExporter[exporter.String()] = n
	}
	return sum
}

func (s *Summary) add(st *flow.Stream) {
	records := st.Records.Load()
	s.Datagrams += st.Datagrams.Load()
	s.Records += records
	s.Templates += st.Templates.Load()
	s.OptionsRecords += st.OptionsRecords.Load()
	s.FlowSamples += st.FlowSamples.Load()
	s.CounterSamples += st.CounterSamples.Load()
	s.DroppedPackets += st.DroppedPackets.Load()
	s.WaitingSets += st.Waiting.Load()
	s.ExpiredSets += st.SetsExpired.Sum()
	s.Gaps += st.Gaps.Load()
	s.Restarts += st.Restarts.Load()
	s.Clashes += st.Clashes.Load()
	if records > 0 {
		s.ByProtocol[st.Key.Protocol.String()] += records
	}
	for _, by := range []*flow.ByReason{&st.Refused, &st.Errors} {
		for reason, n := range by.Map() {
			s.Errors[reason] += n
		}
	}
}
