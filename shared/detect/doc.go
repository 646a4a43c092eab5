// Package detect finds attacks in flow records as they come and tells them as alerts.
//
// The engine works on event time. Bytes and packets of a record are spread evenly over the bins of ten seconds between its
// start and its end; a bin is final when the watermark has passed it, that is when no exporter is expected to report on it any
// more. What can only grow (a rate over a limit) is judged as soon as it is seen, what may still turn (a share, an absence)
// when its bin is final. The processing clock is virtual: it is made of the receive times of the records and of
// [Engine.Advance], and everything is judged at its whole seconds, so that a replay gives the same alerts as live traffic,
// however the records were cut into batches.
//
// Each detector is one file. It says how far a window of bins is over its threshold and whether its further conditions hold;
// windows, watermarks, life cycle, budgets and the text of alerts are the engine's. State is kept in flat tables with a cap;
// what happens at a cap is written at [Budget] and counted in [Stats].
package detect
