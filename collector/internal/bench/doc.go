// Package bench measures Weir beside other collectors on the same machine in the same run: decoding against goflow2's pipeline, the
// ingest path against nfcapd, pmacct and goflow2, and what a record costs on disk. It prints ratios: absolute numbers say more about the machine
// than about the program.
package bench
