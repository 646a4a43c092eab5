package decode

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
)

// Config holds the caps of a [Decoder]. A value of 0 means the default.
type Config struct {
	// TemplateTTL is how long a template is kept that is neither defined again nor used.
	TemplateTTL time.Duration
	// MaxTemplates is the number of templates a stream may define; further ones are malformed(template_cap).
	MaxTemplates int
	// MaxFields is the number of fields a template may have; wider ones are malformed(template_cap).
	MaxFields int
	// MaxTemplateBytes is the memory of the templates of all streams together.
	MaxTemplateBytes int64
	// MaxNames is the number of samplers and names that options may tell, in all streams together; further ones are ignored.
	MaxNames int64

	// WaitSets and WaitBytes bound the data sets of a stream that wait for their template, WaitBytesAll those of all streams.
	// At the cap the stream's oldest set goes: expired(waiting_cap).
	WaitSets     int
	WaitBytes    int
	WaitBytesAll int64
	// WaitAge is how long a set waits before it is expired(template_timeout).
	WaitAge time.Duration

	// MaxConnections is the number of firewalls' connections, in all streams together, whose counters are remembered between their
	// events; of further ones each event counts as it is.
	MaxConnections int64

	// Exporters is what is known of exporters beforehand. The longest prefix that holds an address is for it.
	Exporters []Exporter

	// RepeatWindow is the number of datagrams of a stream that are remembered to know repeated ones.
	RepeatWindow int
	// MaxRecordsPerSet is the number of records taken from one set; the rest of it is malformed(record_cap).
	MaxRecordsPerSet int
}

// Exporter is what is known of the exporters whose datagrams come from a prefix.
type Exporter struct {
	Match netip.Prefix
	// SplitByPort tells devices behind one address apart by the UDP source port, too.
	SplitByPort bool
	// Firewall says what counters of firewall events mean.
	Firewall template.Firewall
}

// DefaultConfig returns caps for a collector of up to a few thousand exporters. However hostile the input, templates, names,
// waiting sets and connections take at most about 300 MB, and a stream beside that 6 KB.
func DefaultConfig() Config {
	return Config{
		TemplateTTL:      24 * time.Hour,
		MaxTemplates:     1024,
		MaxFields:        4096,
		MaxTemplateBytes: 64 << 20,
		MaxNames:         500_000,
		WaitSets:         16384,
		WaitBytes:        16 << 20,
		WaitBytesAll:     64 << 20,
		WaitAge:          35 * time.Minute, // FortiGate and others repeat templates every 30
		MaxConnections:   1 << 20,
		RepeatWindow:     256,
		MaxRecordsPerSet: 8192,
	}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	orDefault(&c.TemplateTTL, d.TemplateTTL)
	orDefault(&c.MaxTemplates, d.MaxTemplates)
	orDefault(&c.MaxFields, d.MaxFields)
	orDefault(&c.MaxTemplateBytes, d.MaxTemplateBytes)
	orDefault(&c.MaxNames, d.MaxNames)
	orDefault(&c.WaitSets, d.WaitSets)
	orDefault(&c.WaitBytes, d.WaitBytes)
	orDefault(&c.WaitBytesAll, d.WaitBytesAll)
	orDefault(&c.WaitAge, d.WaitAge)
	orDefault(&c.MaxConnections, d.MaxConnections)
	orDefault(&c.RepeatWindow, d.RepeatWindow)
	orDefault(&c.MaxRecordsPerSet, d.MaxRecordsPerSet)
	return c
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Deps is what a decoder works with. Account and Symbols are required; the batches given to Decode must use the same Symbols.
type Deps struct {
	Account *flow.Account
	Symbols *flow.Symbols
	Log     *slog.Logger // nil: none. Restarts of exporters are logged; faults of datagrams are returned and counted
}
