// Package input is weir-splunk, Weir as a modular input of Splunk: it receives NetFlow, IPFIX and sFlow, finds attacks, and writes
// events for Splunk. Each stanza is a pipeline of its own, whose events go through a buffer of bounded size to standard output: nobody but the
// buffer's writer ever waits for Splunk. There is no store; templates, open alerts and the loss account are kept in the folder that splunkd gives.
//
// Each stanza has a process of its own (use_single_instance is false), so that editing one does not interrupt the others, and what one
// takes does not hold up another. A process that is given several runs them all: each event names its stanza.
package input
