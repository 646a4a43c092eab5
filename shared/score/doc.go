// Package score compares alerts with the truth about labeled traffic: what was found, what was missed, what was reported without
// cause, and how long finding took. It takes the alerts as they are in the end and does no I/O but reading truth.
//
// Scored are alerts of severity low and above that are no labels. Such an alert hits an attack where the detector is the same, an
// actor or a victim is shared and the times overlap. It is related, neither hit nor false, where it is of the same family on a host
// of an attack at that time, or touches only entries that may be reported or not. All else is false; on a benign entry, unless it
// is among what that allows.
package score
