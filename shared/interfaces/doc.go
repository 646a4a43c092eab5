// Package interfaces knows the exporters' interfaces: their names and speeds, what passes them, and when that is too much.
//
// [Table] holds names and speeds by exporter and ifIndex, from weir.yaml, from the exporter's own records, from SNMP and from sFlow, the first
// of these that says something winning; it names the interfaces of records. [Meter] makes series by the minute of two things: of
// counters (sFlow counter samples, SNMP: see package snmp), two successive samples of one source at a time, and of flow records, whose
// scaled bytes are spread evenly over their duration, so that both can be compared. VLANs and processors, of which sFlow agents tell,
// have series beside these. It raises infra.interface where an interface is used beyond its means. All state is in capped tables.
package interfaces
