package frames

// units are Grafana's ids of our units. Counts have none: Grafana writes them with K and M where panels ask for it ("short").
var units = map[string]string{
	"bytes": "decbytes", "bit/s": "bps", "packets/s": "pps", "packets": "short", "flows": "short", "sessions": "short", "ms": "ms", "ns": "ns", "s": "s",
}

// unitOf returns Grafana's unit of a column of an aggregate.
func unitOf(name, unit string) string {
	if name == "change" || name == "share" {
		return percent
	}
	return units[unit]
}

// percent is the unit of shares from 0 to 1.
const percent = "percentunit"
