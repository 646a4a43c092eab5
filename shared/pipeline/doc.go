// Package pipeline wires the steps of the way of the data and is the only place that knows them all:
//
//	datagram -> decode -> normalize -> enrich -> detect -> sinks
//
// Receive workers decode, normalize and enrich into a batch of their own; full or old batches go through one queue to the
// detector, and through a second to the sinks. A queue never blocks the sockets: what finds no place is dropped and counted
// (flow.DroppedQueue), for the store alone where only the store is slow. In a replay the same queues block instead, so that
// nothing is lost. Batches come from a fixed pool, which bounds the memory of a pipeline.
//
// The package starts and ends all goroutines of the steps. Every packaging builds its pipeline with [Assemble] and adds its
// sinks.
package pipeline
