// Package sampling says what packet sampling 1:N leaves of each detector. Detectors, the page docs/sampling.md and what is told of
// an exporter all read the one table here.
package sampling
