// Package frames makes the data frames that Grafana shows of the collector's answers: with names, units, types, links into other tools,
// and with what is known to be missing.
package frames
