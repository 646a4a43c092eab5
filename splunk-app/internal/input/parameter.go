package input

import (
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/splunk-app/internal/modinput"
)

// SchemeName is the scheme: stanzas are [weir://NAME], and in an app the executable is bin/weir.
const SchemeName = "weir"

// parameter is one that a stanza can have. take is not called for one that is empty.
type parameter struct {
	modinput.Parameter
	take func(g *given, text string) error
}

// given is what the parameters of a stanza say.
type given struct {
	Settings
	listen, inside []string
	groups         []groupText
	file           string
}

// Defaults of parameters.
const (
	defaultFlows    = cim.FlowsSessions
	defaultBufferMB = 64
	mostBufferMB    = 16 << 10
)

// parameters is the one table: the scheme, what is checked, inputs.conf.spec and the reference are made of it.
func parameters() []parameter {
	list := append(receivingParameters(), sendingParameters()...)
	for _, kind := range cim.Kinds() {
		list = append(list, kindParameter(kind, "index", "Index", "the index of the stanza", "netflow", "Where it goes.", indexName))
	}
	for _, kind := range cim.Kinds() {
		list = append(list, kindParameter(kind, "sourcetype", "Sourcetype", kind.Sourcetype(), kind.Sourcetype(), "Another sourcetype needs its own props.conf.", sourcetypeName))
	}
	return list
}

func receivingParameters() []parameter {
	return []parameter{
		{modinput.Parameter{
			Name: "listen", Title: "Listen on", Type: modinput.TypeString, Default: ":2055, :4739, :6343", Example: ":2055, localhost:9995, tcp://:4739",
			Description: "UDP addresses HOST:PORT separated by commas, and tcp://HOST:PORT for IPFIX over TCP. Any protocol may come on any UDP port. Without a host: all addresses.",
		}, func(g *given, text string) error { g.listen = fields(text); return nil }},
		{modinput.Parameter{
			Name: "config", Title: "Configuration file", Type: modinput.TypeString, Example: "$SPLUNK_HOME/etc/apps/TA-weir/local/weir.yaml",
			Description: "Path of a weir.yaml with what has no parameter here: exporters, services, policies, detectors. Its listen addresses are used where listen is empty.",
		}, func(g *given, text string) error {
			g.file = strings.Replace(text, "$SPLUNK_HOME", os.Getenv("SPLUNK_HOME"), 1)
			return nil
		}},
		{modinput.Parameter{
			Name: "inside", Title: "Your networks", Type: modinput.TypeString, Default: "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7", Example: "10.0.0.0/8, 192.0.2.0/24",
			Description: "Addresses and CIDRs of your networks separated by commas: they decide directions, and which hosts are watched for attacks. Not together with config.",
		}, func(g *given, text string) error { g.inside = fields(text); return nil }},
		{modinput.Parameter{
			Name: "groups", Title: "Traffic groups", Type: modinput.TypeString, Example: "servers: 10.1.0.0/16 2001:db8:1::/48; web: 10.1.80.0/24 80 443 8000-8999",
			Description: "Traffic groups, separated by semicolons: a name, a colon, then CIDRs and ports. Not together with config.",
		}, func(g *given, text string) (err error) { g.groups, err = parseGroups(text); return err }},
	}
}

func sendingParameters() []parameter {
	return []parameter{
		{modinput.Parameter{
			Name: "flows", Title: "Flows", Type: modinput.TypeString, Default: string(defaultFlows), Example: string(cim.FlowsAggregated),
			Description: "What to send of flows beside alerts: none, sessions, aggregated (sums by the minute), or all (every record, and sessions).",
		}, func(g *given, text string) error {
			for _, f := range cim.FlowsChoices() {
				if text == string(f) {
					g.Flows = f
					return nil
				}
			}
			return fmt.Errorf("%q is not a choice; use none, sessions, aggregated or all", text)
		}},
		{modinput.Parameter{
			Name: "buffer_mb", Title: "Buffer (MiB)", Type: modinput.TypeNumber, Default: strconv.Itoa(defaultBufferMB), Example: "256",
			Description: "Memory for events that Splunk has not read yet, in MiB. What finds no room is dropped and counted; sockets never wait.",
		}, func(g *given, text string) error {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > mostBufferMB {
				return fmt.Errorf("%q is not a number of MiB from 1 to %d", text, mostBufferMB)
			}
			g.Buffer = int64(n) << 20
			return nil
		}},
		{modinput.Parameter{
			Name: "log_level", Title: "Log level", Type: modinput.TypeString, Default: "info", Example: "debug",
			Description: "The least level that is logged to splunkd.log: debug, info, warn or error.",
		}, func(g *given, text string) error {
			level, ok := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}[text]
			if !ok {
				return fmt.Errorf("%q is not a level; use debug, info, warn or error", text)
			}
			g.LogLevel = level
			return nil
		}},
		{modinput.Parameter{
			Name: "clock", Title: "Clock", Type: modinput.TypeString, Default: "wall", Example: "export",
			Description: "By which time intervals pass: wall, or export for laboratories that play captures, where the export times of the datagrams count.",
		}, func(g *given, text string) error {
			clock, ok := map[string]pipeline.Clock{"wall": pipeline.WallClock, "export": pipeline.ExportClock}[text]
			if !ok {
				return fmt.Errorf("%q is not a clock; use wall or export", text)
			}
			g.Clock = clock
			return nil
		}},
	}
}

// Names as Splunk allows them.
var (
	indexName      = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,79}$`)
	sourcetypeName = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,200}$`)
)

// kindParameter is a parameter that each kind of events has: what is index or sourcetype.
func kindParameter(kind cim.Kind, what, title, def, example, hint string, allowed *regexp.Regexp) parameter { //nolint:revive // a row of the table
	name := what + "_" + kind.String()
	return parameter{modinput.Parameter{
		Name: name, Title: title + " of " + kindTitles[kind], Type: modinput.TypeString, Default: def, Example: example,
		Description: title + " of events of " + kindTitles[kind] + ". " + hint,
	}, func(g *given, text string) error {
		if !allowed.MatchString(text) {
			return fmt.Errorf("%q cannot be the name of %s", text, map[bool]string{true: "an index", false: "a sourcetype"}[what == "index"])
		}
		if what == "index" {
			g.Index[kind] = text
		} else {
			g.Sourcetype[kind] = text
		}
		return nil
	}}
}

var kindTitles = [...]string{
	cim.Flow: "flow records", cim.Session: "sessions", cim.Traffic: "sums by the minute", cim.Alert: "alerts", cim.Exporter: "exporters", cim.Status: "the input's status",
}

// Scheme returns the scheme of the input.
func Scheme() modinput.Scheme {
	s := modinput.Scheme{
		Name: SchemeName, Title: "Weir: network flows",
		Description: "Receives NetFlow, IPFIX and sFlow, finds attacks, and sends alerts, sessions and flows.",
	}
	for _, p := range parameters() {
		s.Parameters = append(s.Parameters, p.Parameter)
	}
	return s
}

// fields takes a list apart.
func fields(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\n' })
}
