package cim_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic/encode"
)

var update = flag.Bool("update", false, "rewrite the reference page")

const page = "../../../docs/splunk-fields.md"

// TestFieldsDoc: docs/splunk-fields.md is what the tables say, and what generated traffic comes to.
func TestFieldsDoc(t *testing.T) {
	want := fieldsPage(t)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./shared/sink/cim -run TestFieldsDoc -update", page)
	}
}

func fieldsPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Fields in Splunk

<!-- Generated from shared/sink/cim: go test ./shared/sink/cim -run TestFieldsDoc -update -->

Events are one line of JSON each. Fields marked CIM have the names and values of Splunk's Common Information Model (Network Traffic, Intrusion
Detection, Alerts); others are Weir's own, most of them with the names that [filters](filter.md) use. ` + "`weir filter --to spl`" + ` puts a filter into a search over
them. A field is absent when its value is not known. A *list* is an array, also of one value: Splunk calls it NAME{}, and the app's props.conf aliases it to NAME.
Times are seconds since 1970. Names with a dot need single quotes in eval and where: ` + "`'weir.tcp.state'==\"S0\"`" + `.

Values that CIM does not have are told so that nothing is lost: ICMPv6 is ` + "`transport=icmp`" + ` with ` + "`network.iana_number=58`" + `, directions other than inbound and outbound are in
` + "`weir.direction`" + `, the flags ECE and CWR in ` + "`weir.tcp.ecn`" + `, and traffic of no known service has ` + "`app=unknown`" + `. Searches made of filters follow that.

## Which events there are

| choice of flows | flow | session | traffic | alert, exporter, status |
|---|---|---|---|---|
| ` + "`none`" + ` | | | | yes |
| ` + "`sessions`" + ` | | yes | | yes |
| ` + "`aggregated`" + ` | | | yes | yes |
| ` + "`all`" + ` | yes | yes | | yes |

An event cannot be replaced. A session is told of when it has ended. One that goes on for longer is told of in parts: each has the bytes, packets and duration that have come
since the part before, so that ` + "`stats sum(bytes) by src`" + ` over all events of sessions is right at any time; ` + "`weir.session.open`" + ` is true but in the last. A part comes about
each hour. Totals of single sessions are ` + "`stats sum(bytes) as bytes by session_id`" + `. With ` + "`aggregated`" + `, records of a minute with the same exporter, interfaces, addresses, protocol and
port of the service are one event, a minute later than they came.

`)
	writeSizes(t, &b)
	for _, kind := range cim.Kinds() {
		writeKind(&b, kind)
	}
	writeExemptions(&b)
	return b.String()
}

func writeKind(b *strings.Builder, kind cim.Kind) {
	fmt.Fprintf(b, "\n## `%s`\n\n%s\n\n| field | type | CIM | meaning | example |\n|---|---|---|---|---|\n", kind.Sourcetype(), kind.Doc())
	for _, f := range cim.Fields(kind) {
		typ, isCIM, doc := f.Type, "", f.Doc
		if f.Unit != "" {
			typ += ", " + f.Unit
		}
		if f.List {
			typ = "list of " + typ
		}
		if f.CIM {
			isCIM = "yes"
		}
		switch {
		case f.Always != "":
			doc += " Always `" + f.Always + "`."
		case len(f.Values) > 0 && len(f.Values) <= 9:
			doc += " One of `" + strings.Join(f.Values, "`, `") + "`."
		}
		example := strings.Trim(f.Example, `"`)
		if strings.Contains(example, "`") {
			example = "`` " + example + " ``"
		} else {
			example = "`" + example + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", f.Name, typ, isCIM, doc, example)
	}
	if !kind.IsTraffic() {
		return
	}
	b.WriteString("\nFields of [records and sessions](fields.md) that are left out:\n\n| field | reason |\n|---|---|\n")
	for _, o := range cim.LeftOut(kind) {
		fmt.Fprintf(b, "| `%s` | %s |\n", o.Name, o.Reason)
	}
}

func writeExemptions(b *strings.Builder) {
	b.WriteString(`
## Where events differ from CIM

The models' rules are those that pytest-splunk-addon tests. Events of generated traffic and of odd records are held to all of them, but for these:

| fields | reason |
|---|---|
`)
	var last string
	var rows [][2]string
	for _, x := range exemptions {
		reason := x.reason
		if reason == "the same" {
			reason = last
		}
		last = reason
		at := slices.IndexFunc(rows, func(r [2]string) bool { return r[1] == reason })
		if at < 0 {
			rows = append(rows, [2]string{"", reason})
			at = len(rows) - 1
		}
		for name := range strings.FieldsSeq(x.field) {
			if !strings.Contains(rows[at][0], "`"+name+"`") {
				rows[at][0] = strings.TrimPrefix(rows[at][0]+", `"+name+"`", ", ")
			}
		}
	}
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", r[0], r[1])
	}
}

// writeSizes measures what traffic comes to.
func writeSizes(t *testing.T, b *strings.Builder) {
	t.Helper()
	day := scene("quiet-day", 1, encode.NetFlow9)
	day.Hosts, day.Days = 2, 1
	books := map[cim.Flows]*book{}
	for _, flows := range cim.FlowsChoices() {
		books[flows] = newBook()
		books[flows].count = true
	}
	result, err := play(day, books)
	if p := flood(); err != nil || p.err != nil {
		t.Fatal(err, p.err)
	}
	b.WriteString(`## Sizing

Splunk is licensed by what it takes in. Bytes of JSON for each flow record that exporters send, without what Splunk adds, and what that makes of an average of
1,000 records a second over a day. Measured of generated traffic: a quiet day of a small office by NetFlow v9, where few records have anything in common, and half an hour of
60 desks by IPFIX with a reflection flood of a thousand sources in it.

| choice of flows | events a 1,000 records | bytes a record | GB a day at 1,000 records/s |
|---|---|---|---|
`)
	for _, flows := range cim.FlowsChoices()[1:] {
		for i, p := range []struct {
			of      *book
			records uint64
		}{{books[flows], result.Records}, {flood().books[flows], flood().result.Records}} {
			events, bytes := 0, 0
			for _, k := range cim.Kinds() {
				if k.IsTraffic() {
					events, bytes = events+p.of.n[k], bytes+p.of.bytes[k]
				}
			}
			each := float64(bytes) / float64(p.records)
			fmt.Fprintf(b, "| `%s`, %s | %.0f | %.0f | %.0f |\n", flows, [...]string{"quiet day", "flood"}[i], float64(events)*1000/float64(p.records), each, each*86400*1000/1e9)
		}
	}
	alerts := flood().books[cim.FlowsNone]
	fmt.Fprintf(b, `
Besides, with every choice: %.1f kB an event of an alert, some for each alert; and %.1f kB a minute for each exporter and domain, %.1f MB a day.
`, float64(alerts.bytes[cim.Alert])/float64(alerts.n[cim.Alert])/1e3, float64(alerts.bytes[cim.Exporter])/float64(alerts.n[cim.Exporter])/1e3,
		float64(alerts.bytes[cim.Exporter])/float64(alerts.n[cim.Exporter])*1440/1e6)
}
