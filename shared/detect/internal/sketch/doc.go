// Package sketch holds the bounded summaries that detectors count with: distinct counts, heavy hitters, frequencies and sets
// with a known error. All have a fixed size from the start, take no memory when they are updated, and depend on nothing but
// what was put in and, where a key is given, the hash of the caller.
package sketch
