// Package execd runs the input in a process of its own under Telegraf's inputs.execd: metrics on stdout in line protocol, bare log lines
// ("I! ...") on stderr, newlines on stdin to gather, the end of stdin to stop.
//
// Telegraf loses what a process writes just before it exits, as it waits for the process before it has read its pipes to the end. So the
// last flush is followed by a pause.
package execd
