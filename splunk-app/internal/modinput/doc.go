// Package modinput is the protocol of Splunk's modular inputs: the scheme that an executable describes itself by (--scheme), the arguments that
// it is asked to check (--validate-arguments), the configuration that splunkd writes to its standard input, the stream of events that
// it writes to its standard output, and the lines that it logs to standard error.
//
// What splunkd does with standard input: it writes the configuration and closes the pipe, as inputs that read to the end would
// otherwise never begin. So the end of standard input right behind the configuration is the ordinary beginning. Whoever keeps it open for longer than
// [HeldAfter], as a terminal, a test or a wrapper does, ends the input by closing it: see [Watch].
package modinput
