// Package policy is the one model of what a network's owner allows: a [Policy] selects sessions by a filter, groups them, and holds
// what the groups do against limits, within a window of time and a schedule. [Compile] makes a [Set] of policies, [Set.Observe]
// takes sessions as they grow and end, and what comes out are [Finding] values, for alerts and for trying policies out on the past.
//
// It does no I/O and has no clock: time is that of the sessions. The same sessions in the same order give the same findings.
package policy
