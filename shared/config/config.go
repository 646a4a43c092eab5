package config

import (
	_ "embed"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/policy"
)

// Config is the content of a weir.yaml, complete with defaults.
type Config struct {
	Listen         []string       // UDP addresses HOST:PORT; any protocol on any of them
	Streams        Streams        // IPFIX over TCP and TLS
	Proxies        []netip.Prefix // senders that put PROXY protocol headers in front; empty: none
	Forward        []Forward      // collectors that get copies, in the order of the file
	Data           string         // data folder
	API            API
	Inside         []netip.Prefix
	InsideGiven    bool           // whether the file says Inside, or it is the default
	Groups         []Group        // in the order of the file
	Exporters      []Exporter     // in the order of the file; the longest prefix that holds an exporter is for it
	AllowExporters []netip.Prefix // empty: all
	Services       []Service
	Geo            Geo
	Detect         Detect
	Roles          []Role          // in the order of the file, each once
	Policies       []policy.Policy // in the order of the file
	Outputs        []Output        // in the order of the file
	Pivots         pivot.Config
	Elastic        Elastic
	Store          Store
	SFlow          SFlow
	Receive        Receive
	Log            Log
}

// Group is a traffic group: an endpoint is in it when its address is in one of the CIDRs and its port in one of the ranges. A
// group without CIDRs takes all addresses, one without ports all ports.
type Group struct {
	Name  string
	CIDRs []netip.Prefix
	Ports []PortRange
}

// PortRange holds the ports from First to Last, both included.
type PortRange struct{ First, Last uint16 }

// Exporter says what is known of the exporters in a prefix (mostly of one address).
type Exporter struct {
	Match    netip.Prefix
	Name     string
	Sampling float64  // interval N of 1:N that overrides all the exporter says; 0: none
	Split    string   // "port": devices behind the address are told apart by UDP source port, too; else "" or "address"
	Firewall Firewall // what counters of firewall events mean
	Domains  []Domain // observation domains with a sampling interval of their own

	Interfaces []Interface // in the order of the file
	SNMP       *SNMP       // nil: it is not asked
}

// Firewall says what the counters of events tell: "delta", since the last event, or "total", since the connection began; "" is the
// default.
type Firewall struct {
	Updates  string // default "delta"
	Teardown string // default "total"
}

// Domain is an observation domain of an exporter.
type Domain struct {
	ID       uint32
	Sampling float64
}

// Service names a port, instead of the name it has by itself.
type Service struct {
	Name      string
	Port      PortRange
	Transport string // "tcp", "udp", "sctp", or "" for all of them
}

// Geo names files in MaxMind's DB format; "" is none.
type Geo struct {
	Country string // path, relative to the working directory
	ASN     string // the same; it may be the same file
}

// Detect says what is detected.
type Detect struct {
	Profile  string   // "enterprise" or "isp": which floors and triggers are used
	Sessions string   // "on": sessions are made, and what looks at them runs
	Disabled []string // names of detectors; "dos.reflection.*" is all below it
	Floors   Floors
	Memory   int64 // bytes that the detectors' tables may take, about; 0: what the packaging gives them
}

// Floors are the rates towards one address under which a flood is none; 0 is the profile's.
type Floors struct {
	BPS float64 // bit/s
	PPS float64 // packets/s
	FPS float64 // new flows/s
}

// Store bounds the embedded store.
type Store struct {
	MemoryLimit   int64         // bytes
	Retention     time.Duration // 0: keep all
	RetentionSize int64         // bytes of the folder beyond which the oldest go; 0: no bound
	KeepFree      float64       // part of the disk, 0 to 1, below which the oldest go
	SealRows      int64         // rows at which an hour's table is sealed early
	CommitEvery   time.Duration
}

// SFlow says what is kept of the headers of sampled packets.
type SFlow struct {
	Headers  int64         // bytes of memory; 0: none are kept
	Before   time.Duration // of an alert's start: saved when it is raised
	After    time.Duration // of its being raised: saved when it has passed
	FileSize int64         // bytes of an alert's file
	Files    int           // alerts that have one
}

// Receive sizes what is between the sockets and the store.
type Receive struct {
	Workers int   // sockets an address; 0: one a CPU, at most 8
	Buffer  int64 // bytes of kernel buffer a socket
	Queue   int   // batches that wait before the detector, and again before the store
}

// Log says what is logged and how.
type Log struct {
	Level  string // "debug", "info", "warn" or "error"
	Format string // "text" or "json"
}

// Default returns the configuration of an empty file.
func Default() Config {
	return Config{
		Listen:  []string{":2055", ":4739", ":6343"},
		Streams: Streams{MaxConnections: 256, IdleTimeout: 10 * time.Minute},
		Data:    "weir-data",
		API:     defaultAPI(),
		Inside: []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
			netip.MustParsePrefix("fc00::/7"),
		},
		Detect:  Detect{Profile: "enterprise", Sessions: "on"},
		Pivots:  pivot.DefaultConfig(),
		Elastic: defaultElastic(),
		Store:   Store{MemoryLimit: 256 << 20, SealRows: 8 << 20, CommitEvery: 700 * time.Millisecond},
		SFlow:   SFlow{Headers: 64 << 20, Before: time.Minute, After: 30 * time.Second, FileSize: 4 << 20, Files: 1000},
		Receive: Receive{Buffer: 8 << 20, Queue: 64},
		Log:     Log{Level: "info", Format: "text"},
	}
}

// Example is a weir.yaml with every key and a comment for each.
//
//go:embed weir.example.yaml
var Example string

// maxFile is the most bytes of a weir.yaml.
const maxFile = 16 << 20

// Load reads the file at path. Errors in its text are [Errors].
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	if len(text) > maxFile {
		return Config{}, Errors{{File: path, Line: 1, Column: 1, Text: "the file is larger than 16 MiB"}}
	}
	return Parse(path, text)
}
