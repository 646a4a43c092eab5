// Package behavior finds what hosts do rather than how much traffic there is: scans, password guessing and its success, large
// transfers to outside, logins from new addresses. It looks at sessions, in the order in which a session table tells of them, and
// so its findings depend neither on batch sizes nor on the order of arrival.
//
// Each detector is a file with its thresholds as data; docs/detectors.md has a row for each. All state is in capped tables.
package behavior
