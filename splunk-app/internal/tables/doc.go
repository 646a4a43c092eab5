// Package tables makes the files of the packages for Splunk that follow from Weir's own tables: the settings of the source types, the lookup of
// services by port, the lookup of ATT&CK's techniques. A test compares them with what lies in the source trees, and -update writes them.
package tables
