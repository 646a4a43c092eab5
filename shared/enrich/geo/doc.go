// Package geo tells country and AS number of addresses from files in MaxMind's DB format (version 2.0): GeoLite2 and GeoIP2 by
// MaxMind, and those of other vendors that hold the same under other names.
//
// A file is read into memory and looked through once, every record of it, when it is loaded, so that a look-up cannot fail and
// decodes nothing: it walks the search tree and finds the place by the offset of the record. In front of it is a cache per
// reading goroutine. A [Locator] looks now and then whether a file has changed, and then takes the new one; what is being read
// stays whole until its last reader is done, and a new file that is broken leaves the last one in use.
package geo
