// Package quality plays labeled traffic through the whole pipeline, without a store, and scores what it reports; and writes the page
// about how well the detectors do, from traffic of its own making: make eval.
package quality
