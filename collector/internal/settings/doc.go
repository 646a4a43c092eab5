// Package settings keeps what was changed through the API of groups, policies, exporters, pivots and inside networks: in numbered versions in
// the data folder, each whole, beside weir.yaml. Entries of weir.yaml are its alone: an entry is either there or here, and where weir.yaml gets
// one that was here, the file's is in force and the other is set aside and said so.
//
// A change is checked by the code that reads weir.yaml, written durably, and then put into force in the running collector.
package settings
