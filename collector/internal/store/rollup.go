package store

// Rollup is the entry of the manifest for a file of sums of a sealed part's records.
type Rollup struct {
	Part    Part   // of the records; the file's own is Part.Beside(Rollups)
	Version int    // see [RollupVersion]
	Has     uint64 // which sums the file has, a bit for each set and length: see [RollupSet.Bit]
	Folded  uint64 // in which of them addresses or ports were folded, likewise
	Rows    int64
	Bytes   int64
	// SumsBytes is the size of the file of sums of hosts at Part.SumsPath, which is there where Has says so: see [HostSums]. The manifest
	// does not have it.
	SumsBytes int64
}

// HasSums tells whether there are sums of hosts.
func (r *Rollup) HasSums() bool {
	set := HostSums()
	return r.Has&set.Bit(RollupHour) != 0
}

// Path returns the path of the file, relative to the data folder, with slashes.
func (r *Rollup) Path() string { return r.Part.Beside(Rollups).Path() }

// DayRollup is the entry of the manifest for a file of sums of the rollups of a day: of its parts that have one.
type DayRollup struct {
	Day         Part   // of kind Days
	Parts       []Part // of the records
	Version     int
	Has, Folded uint64 // as of [Rollup]; sets that fold have sums of the day instead of those of the hours
	Rows        int64
	Bytes       int64
}

// Path returns the path of the file, relative to the data folder, with slashes.
func (d *DayRollup) Path() string { return d.Day.Path() }

// RollupVersion is the version of what rollups hold. Those of another version are made anew.
const RollupVersion = 2

// Lengths of time over which records are summed, in minutes.
const (
	RollupMinute = 1
	RollupHour   = 60
	RollupDay    = 1440
)

// RollupSet is a combination of columns by whose values records are summed. The column rollup holds its name.
type RollupSet struct {
	Name   string
	Number int
	// Columns are those of records by whose values rows are told apart, beside the time.
	Columns []string
	// Folds are those of Columns of which only the values that carry most are kept, where there are many: in rows of what is left they
	// are NULL, and the column folded says how many rows were folded. Sets that fold have sums of hours only.
	Folds []string
}

// Bit returns the set's bit in Rollup.Has and Rollup.Folded for sums over so many minutes; hours and days have one.
func (s *RollupSet) Bit(minutes int) uint64 {
	if minutes != RollupMinute {
		return 1 << (2*s.Number + 1)
	}
	return 1 << (2 * s.Number)
}

// RollupSets returns the sets, those with fewer rows first where either would do.
func RollupSets() []RollupSet {
	side := func(name string) []string {
		return []string{"network_direction", name + "_as_number", name + "_geo_country_iso_code", "weir_" + name + "_group"}
	}
	list := []RollupSet{
		{Name: "service", Columns: []string{"observer_ip_hi", "observer_ip_lo", "network_direction", "network_iana_number", "network_protocol"}},
		{Name: "ingress", Columns: []string{"observer_ip_hi", "observer_ip_lo", "network_direction", "observer_ingress_interface_id", "observer_ingress_interface_name"}},
		{Name: "egress", Columns: []string{"observer_ip_hi", "observer_ip_lo", "network_direction", "observer_egress_interface_id", "observer_egress_interface_name"}},
		{Name: "source", Columns: side("source")},
		{Name: "destination", Columns: side("destination")},
		{Name: "source ip", Columns: []string{"network_direction", "source_ip_hi", "source_ip_lo"}, Folds: []string{"source_ip_hi", "source_ip_lo"}},
		{Name: "destination ip", Columns: []string{"network_direction", "destination_ip_hi", "destination_ip_lo"}, Folds: []string{"destination_ip_hi", "destination_ip_lo"}},
		{Name: "destination port", Columns: []string{"network_direction", "network_iana_number", "destination_port"}, Folds: []string{"destination_port"}},
	}
	for i := range list {
		list[i].Number = i
	}
	return list
}

// HostSums is the set of which all addresses are kept, of the source and of the destination: package hostsums has them.
func HostSums() RollupSet { return RollupSet{Name: "host", Number: len(RollupSets())} }

// RollupColumns returns the columns of rollups in their order: those by which sums are told apart, named and typed as those of records,
// and the sums, named as the counters that they add up. A sum that is greater than its type holds is its greatest number.
func RollupColumns() []Column {
	list := []Column{
		{"rollup", "VARCHAR", "", "set of columns by whose values records are summed, see below"},
		{"minutes", "USMALLINT", "", "length of time over which records are summed: 1, 60 or 1440"},
		{"event_end", "TIMESTAMP", "event.end", "begin of the minute, hour or day in which the records ended; UTC"},
	}
	counters := map[string]string{
		"source_bytes": "NULL: network_bytes less destination_bytes", "source_packets": "NULL: network_packets less destination_packets",
		"destination_bytes": "NULL: 0", "destination_packets": "NULL: 0", "network_bytes": "sum of both directions", "network_packets": "sum of both directions",
	}
	told := map[string]bool{}
	for _, set := range RollupSets() {
		for _, name := range set.Columns {
			told[name] = true
		}
	}
	var sums []Column
	for _, c := range Columns() {
		if doc, ok := counters[c.Name]; ok {
			sums = append(sums, Column{c.Name, c.Type, c.Field, doc})
		} else if told[c.Name] {
			list = append(list, c)
		}
	}
	list = append(list, Column{"flows", "UBIGINT", "", "number of records"})
	list = append(list, sums...)
	return append(list,
		Column{"folded", "UBIGINT", "", "number of rows that this one is the sum of, those of values that carry least; NULL: it is none of these"},
		Column{"most_flows", "UBIGINT", "", "the most records that a folded row had"},
		Column{"most_bytes", "UBIGINT", "", "the most network_bytes that a folded row had"},
		Column{"most_packets", "UBIGINT", "", "the most network_packets that a folded row had"})
}
