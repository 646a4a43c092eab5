// Package shared is the root of Weir's core: pure Go, importable by every packaging. It has no code of its own; its tests
// hold the rules of the house (which package may depend on which, and why). ARCHITECTURE.md describes the packages.
package shared
