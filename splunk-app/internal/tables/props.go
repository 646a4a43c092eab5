package tables

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/sink/cim"
)

// Props makes the props.conf of the add-on: how events are read where Splunk parses them, which is on indexers and heavy forwarders.
func Props() []byte {
	var b bytes.Buffer
	b.WriteString("# Made of Weir's table of fields. How events are read: one line of JSON each, which begins with its time.\n")
	for _, s := range sourcetypes() {
		s.parsing(&b)
	}
	return b.Bytes()
}

// SearchProps makes the props.conf of the app: the same, for indexers that have the app instead of the add-on, and what fields are called when
// they are searched. Lists of JSON are called NAME{} by Splunk and get their name back.
func SearchProps() []byte {
	var b bytes.Buffer
	b.WriteString("# Made of Weir's table of fields. How events are read: one line of JSON each, which begins with its time.\n")
	for _, s := range sourcetypes() {
		s.parsing(&b)
		s.aliases(&b)
	}
	b.WriteString(streamNetFlow)
	return b.Bytes()
}

// sourcetype is one of Weir's.
type sourcetype struct {
	name, doc string
	fields    []cim.Field
}

// incident is a source type that has no events yet: its settings are there, so that none that come are read wrongly.
var incident = sourcetype{name: "weir:incident", doc: "An incident: alerts that belong together."}

func sourcetypes() []sourcetype {
	list := []sourcetype{}
	for _, k := range cim.Kinds() {
		list = append(list, sourcetype{k.Sourcetype(), k.Doc(), cim.Fields(k)})
		if k == cim.Alert {
			list = append(list, incident)
		}
	}
	return list
}

func (s *sourcetype) parsing(b *bytes.Buffer) {
	fmt.Fprintf(b, `
[%s]
description = %s
category = Network & Security
pulldown_type = true
CHARSET = UTF-8
SHOULD_LINEMERGE = false
LINE_BREAKER = ([\r\n]+)
TRUNCATE = 65536
TIME_PREFIX = ^\{"timestamp":
TIME_FORMAT = %%s.%%6N
MAX_TIMESTAMP_LOOKAHEAD = 20
KV_MODE = json
`, s.name, s.doc)
}

func (s *sourcetype) aliases(b *bytes.Buffer) {
	for _, f := range s.fields {
		if f.List {
			fmt.Fprintf(b, "FIELDALIAS-list_%s = \"%s{}\" AS \"%s\"\n", strings.ReplaceAll(f.Name, ".", "_"), f.Name, f.Name)
		}
	}
	if s.name == cim.Flow.Sourcetype() {
		for _, a := range streamNames {
			fmt.Fprintf(b, "FIELDALIAS-stream_%s = \"%s\" AS %s\n", a.stream, a.weir, a.stream)
		}
		b.WriteString("EVAL-time_taken = round(duration*1000000)\n") // of whole microseconds
	}
}

// streamNames are the names of Splunk Stream's netflow events for what Weir's records have under another: searches written for
// stream:netflow find it by them.
var streamNames = []struct{ stream, weir string }{
	{"exporter_ip", "dvc"},
	{"exporter_sampling_interval", "weir.sampling.interval"},
	{"flow_end_time", "timestamp"},
	{"flow_start_time", "event.start"},
	{"ingress_vlan", "vlan"},
	{"input_snmpidx", "observer.ingress.interface.id"},
	{"observation_domain_id", "weir.domain"},
	{"output_snmpidx", "observer.egress.interface.id"},
	{"protoid", "network.iana_number"},
	{"tcp_flags", "weir.tcp.flags_bits"},
}

// streamNetFlow gives those of Splunk Stream CIM's names, so that actions and searches of the app work on them too.
const streamNetFlow = `
# Flows that Splunk Stream has received: CIM's names beside its own, so that the workflow actions and searches by address find them.
[stream:netflow]
FIELDALIAS-weir_src = src_ip ASNEW src
FIELDALIAS-weir_dest = dest_ip ASNEW dest
FIELDALIAS-weir_dvc = exporter_ip ASNEW dvc
EVAL-transport = coalesce(transport, case(protoid=6, "tcp", protoid=17, "udp", protoid=1 OR protoid=58, "icmp", protoid=132, "sctp"))
`
