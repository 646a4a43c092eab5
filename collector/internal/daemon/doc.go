// Package daemon builds a collector from a configuration and runs it: the store, the pipeline with its listeners, what survives
// a restart (templates, stream marks, open alerts), and the API on the folder's socket and on loopback.
package daemon
