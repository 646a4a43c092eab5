package query

// After adds the account of earlier runs to that of this one. What waits or is in flight is of this run alone.
func (e Exporter) After(before Exporter) Exporter {
	for _, f := range []struct{ to, from *uint64 }{
		{&e.Datagrams, &before.Datagrams}, {&e.Bytes, &before.Bytes}, {&e.Decoded, &before.Decoded}, {&e.Sets, &before.Sets},
		{&e.SetsDecoded, &before.SetsDecoded}, {&e.Records, &before.Records}, {&e.Stored, &before.Stored},
		{&e.AlreadyStored, &before.AlreadyStored}, {&e.OptionsRecords, &before.OptionsRecords}, {&e.FlowSamples, &before.FlowSamples},
		{&e.CounterSamples, &before.CounterSamples}, {&e.Gaps, &before.Gaps}, {&e.Reordered, &before.Reordered}, {&e.Restarts, &before.Restarts},
		{&e.Clashes, &before.Clashes},
		{&e.DroppedPackets, &before.DroppedPackets}, {&e.SampleGaps, &before.SampleGaps}, {&e.SampleDrops, &before.SampleDrops}, {&e.SamplePool, &before.SamplePool},
	} {
		*f.to += *f.from
	}
	for _, m := range []struct{ to, from map[string]uint64 }{
		{e.Refused, before.Refused}, {e.SetsExpired, before.SetsExpired}, {e.SetAside, before.SetAside}, {e.Dropped, before.Dropped},
		{e.Errors, before.Errors}, {e.Repaired, before.Repaired},
	} {
		for why, n := range m.from {
			m.to[why] += n
		}
	}
	// The decoder counts them again when it takes up the marks, as seen and expired(restart).
	e.Sets -= uint64(max(before.Waiting, 0))
	if e.LastSeen == nil {
		e.LastSeen = before.LastSeen
	}
	if e.Health == nil {
		e.Health = before.Health
	}
	if e.Sampling == nil && before.Sampling != nil {
		e.Sampling, e.CannotSee = before.Sampling, before.CannotSee
	}
	if e.Clock == nil {
		e.Clock = before.Clock
	}
	return e
}
