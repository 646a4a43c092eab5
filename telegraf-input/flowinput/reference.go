package flowinput

// MeasurementDoc describes a measurement.
type MeasurementDoc struct {
	Name   string
	Doc    string
	Tags   []TagDoc
	Fields []FieldDoc
}

// TagDoc describes a tag.
type TagDoc struct{ Name, Doc string }

// FieldDoc describes a field. A name that ends in `_*` stands for all that begin so.
type FieldDoc struct {
	Name string
	Type string // as Telegraf's documentation calls it
	Unit string // "" for none
	Doc  string
}

// Names of types in documentation.
const (
	typeInt   = "integer"
	typeUint  = "unsigned integer"
	typeFloat = "float"
	typeText  = "string"
	typeBool  = "boolean"
)

// Measurements returns the reference of all measurements.
func Measurements() []MeasurementDoc {
	return []MeasurementDoc{
		trafficDoc(), totalDoc(), hostDoc(), alertDoc(), activeDoc(), exporterDoc(), interfaceDoc(), vlanDoc(), processorDoc(), flowDoc(), netflowDoc(),
		inputDoc(), inputTagDoc(),
	}
}

func amountDocs(of string) []FieldDoc {
	return []FieldDoc{
		{"bytes", typeInt, "bytes", "Bytes " + of + ", both directions of a record, scaled by the sampling interval."},
		{"packets", typeInt, "packets", "Packets, scaled likewise."},
		{"flows", typeInt, "records", "Flow records."},
		{"raw_bytes", typeInt, "bytes", "Bytes as exported."},
		{"raw_packets", typeInt, "packets", "Packets as exported."},
	}
}

func dimensionDocs() (list []TagDoc) {
	for _, d := range dimensions {
		list = append(list, TagDoc{d.Name, d.Doc})
	}
	return list
}

func trafficDoc() MeasurementDoc {
	return MeasurementDoc{
		nameTraffic, "What passed in an interval of event time, by the tags that `by` lists. The points of an interval add up.", dimensionDocs(),
		amountDocs("of flows that ended in the interval"),
	}
}

func totalDoc() MeasurementDoc {
	return MeasurementDoc{nameTotal, "With `totals`: what `weir_traffic` has told of in all since the start, with the time of telling.", dimensionDocs(), amountDocs("in all")}
}

func hostDoc() MeasurementDoc {
	return MeasurementDoc{
		nameHost, "With `top_hosts`: the inside hosts of each group with the most bytes in the interval, and `other` for all others of the group.",
		[]TagDoc{{"group", "Traffic groups of the host, joined by `+`."}, {"host", "Address, or `other`."}},
		[]FieldDoc{
			{"bytes_out", typeInt, "bytes", "Sent by the host, scaled."}, {"bytes_in", typeInt, "bytes", "Received by it."},
			{"packets_out", typeInt, "packets", "Sent."}, {"packets_in", typeInt, "packets", "Received."},
			{"flows", typeInt, "records", "Flow records of the host."},
		},
	}
}

func alertDoc() MeasurementDoc {
	return MeasurementDoc{
		nameAlert, "An alert that was raised, changed or ended. The time is that of the change. Times in fields are RFC 3339, UTC.",
		[]TagDoc{
			{"change", "`raised`, `changed` or `ended`."}, {"detector", "Name of the detector, such as `dos.volumetric.host`."},
			{"group", "Traffic groups of the hosts."}, {"severity", "`info`, `low`, `medium`, `high` or `critical`."},
		},
		[]FieldDoc{
			{"id", typeText, "", "Id, the same as in the collector."}, {"title", typeText, "", "What happened, in a line."},
			{"state", typeText, "", "`active`, `clearing`, `watching` or `ended`."}, {"score", typeInt, "", "Severity, 0 to 100."},
			{"confidence", typeFloat, "", "0 to 1."}, {"value", typeFloat, "of `unit`", "What was measured."},
			{"value_name", typeText, "", "Name of it."}, {"unit", typeText, "", "Unit of it."}, {"threshold", typeFloat, "of `unit`", "What it had to exceed."},
			{"baseline", typeFloat, "of `unit`", "What is usual, where that has been learned."},
			{"start", typeText, "", "Start of the first evidence."}, {"last", typeText, "", "End of the latest."}, {"end", typeText, "", "When it was over."},
			{"detected_at", typeText, "", "When it was raised."}, {"duration", typeFloat, "s", "From `start` to `last`."},
			{"actors", typeText, "", "Addresses of up to ten actors, joined by commas."}, {"actors_total", typeInt, "", "How many there are."},
			{"victims", typeText, "", "Addresses of up to ten victims."}, {"victims_total", typeInt, "", "How many there are."},
			{"exporters", typeText, "", "Exporters that saw it."}, {"service", typeText, "", "Transport and port, such as `udp/53`."},
			{"peak_bps", typeFloat, "bit/s", "Of a flood: its peak."}, {"peak_pps", typeFloat, "packets/s", "Of a flood: its peak."},
			{"sources_total", typeInt, "", "Of a flood: its sources."}, {"techniques", typeText, "", "Ids of MITRE ATT&CK, joined by commas."},
			{"evidence", typeText, "", "Filter that finds the flows behind it."}, {"evidence_from", typeText, "", "From when on."}, {"evidence_to", typeText, "", "Until when."},
			{"sampling", typeText, "", "What sampling means for it."}, {"runbook_url", typeText, "", "What to do."},
			{"pivots", typeText, "", "Links into other tools: a JSON list of `title` and `url`."},
		},
	}
}

func activeDoc() MeasurementDoc {
	return MeasurementDoc{
		nameActive, "How many alerts are active or clearing now. A combination of tags that was there once is told of with 0 when it is over.",
		[]TagDoc{{"detector", "As in `weir_alert`."}, {"group", "As in `weir_alert`."}, {"severity", "As in `weir_alert`."}},
		[]FieldDoc{{"count", typeInt, "alerts", "Alerts."}},
	}
}

func exporterDoc() MeasurementDoc {
	fields := []FieldDoc{}
	for i, doc := range exporterFieldDocs {
		fields = append(fields, FieldDoc{exporterFields[i], typeInt, doc[0], doc[1]})
	}
	fields = append(fields,
		FieldDoc{"refused_*", typeInt, "datagrams", "Of those by reason, where there are some; likewise the next four."},
		FieldDoc{"malformed_*", typeInt, "", "By reason."}, FieldDoc{"expired_sets_*", typeInt, "sets", "By reason."},
		FieldDoc{"set_aside_*", typeInt, "records", "By reason."}, FieldDoc{"dropped_*", typeInt, "records", "By reason."},
		FieldDoc{"templates", typeInt, "", "Templates known now."}, FieldDoc{"waiting_sets", typeInt, "sets", "Sets that wait for their template now."},
		FieldDoc{"sampling_interval", typeFloat, "", "N of 1:N of the latest record."},
		FieldDoc{"sampling_source", typeText, "", "Where that was learned: `override`, `options`, `header`, `assumed` or `unknown`."},
		FieldDoc{"silent", typeFloat, "s", "Since the latest datagram."}, FieldDoc{"clock", typeText, "", "What is known of the exporter's clock: `unknown`, `good` or `bad`."},
		FieldDoc{"clock_offset", typeFloat, "s", "What has to be added to it; negative where it is ahead."},
		FieldDoc{"clock_uncertainty", typeFloat, "s", "How far that may be off."},
	)
	return MeasurementDoc{
		nameExporter, "The loss account of each exporter, domain and protocol: counters since the start. Exporters beyond the limit of the tag, " +
			"and senders of which nothing could be decoded, are summed up as `other`.",
		[]TagDoc{
			{"exporter", "Address of the exporter, or `other`."}, {"domain", "Observation domain, source id or sub-agent."},
			{"protocol", "`netflow5`, `netflow9`, `ipfix`, `sflow5`, ..."}, {"source", "Where its datagrams come from, where that is another address."},
		}, fields,
	}
}

// exporterFieldDocs are unit and meaning of exporterFields.
var exporterFieldDocs = [len(exporterFields)][2]string{
	{"datagrams", "Received."}, {"bytes", "Of payload in them."}, {"records", "Data records decoded."}, {"", "Templates received."},
	{"records", "Options records decoded."}, {"samples", "sFlow flow samples."}, {"samples", "sFlow counter samples."},
	{"", "Missing by the sequence numbers: flows of v5, datagrams of v9 and sFlow, records of IPFIX."}, {"datagrams", "Came after a later one."},
	{"", "Restarts of the exporter."}, {"", "Signs of several devices that cannot be told apart."},
	{"datagrams", "Not decoded."}, {"", "Malformed parts."}, {"sets", "Waited for their template in vain."},
	{"records", "Could not be true, and are in no sum."}, {"records", "Lost for want of room in a queue."},
}
