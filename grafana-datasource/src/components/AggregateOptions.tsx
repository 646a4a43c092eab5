import { Button, InlineFieldRow } from '@grafana/ui';
import { useState } from 'react';
import { Choice, Choices, asOptions, NumberField, TextField, Toggle } from './inputs';
import { Part } from './part';

const more = asOptions(['bytes', 'packets', 'flows', 'bps', 'pps']);

const fills = [
  { value: 'zero', label: '0' },
  { value: 'null', label: 'a gap' },
  { value: 'none', label: 'left out' },
];

/** Edits what is done over time and beside the measure. */
export function AggregateOptions({ query, set }: Part) {
  const [open, setOpen] = useState(false);
  const series = query.queryType === 'series';
  return (
    <div style={{ marginBottom: 4 }}>
      <Button variant="secondary" fill="text" size="sm" icon={open ? 'angle-down' : 'angle-right'} aria-expanded={open} onClick={() => setOpen(!open)}>
        Options{summary(query)}
      </Button>
      {open && (
        <>
          <InlineFieldRow>
            <TextField label="Interval" tooltip="Length of a bucket: 1m, 1h, 1d; empty follows the panel's width" placeholder="auto" width={12} value={query.interval} onCommit={(interval) => set({ interval })} />
            {series && <TextField label="At least" labelWidth={10} tooltip="The shortest bucket where the interval follows the panel" placeholder="1s" width={12} value={query.minInterval} onCommit={(minInterval) => set({ minInterval })} />}
            <TextField label="Zone" labelWidth={8} tooltip="The time zone in which days and weeks are cut" placeholder="UTC" value={query.zone} onCommit={(zone) => set({ zone })} />
            {series && <Choice label="Empty is" labelWidth={10} width={14} value={query.fill} options={fills} onChange={(fill) => set({ fill: fill === 'zero' ? undefined : fill })} />}
          </InlineFieldRow>
          <InlineFieldRow>
            <TextField label="Compare with" tooltip="The same so much earlier: 1d, 1w" placeholder="nothing" width={12} value={query.compare} onCommit={(compare) => set({ compare })} />
            {!series && <NumberField label="Percentile" labelWidth={12} tooltip="Of the sums or rates of the interval's buckets; needs an interval" placeholder="none" value={query.percentile} onCommit={(percentile) => set({ percentile })} />}
            {!series && <Choices label="Further columns" labelWidth={16} value={query.more} options={more} onChange={(list) => set({ more: list })} />}
          </InlineFieldRow>
          <InlineFieldRow>
            <Toggle label="Percent" tooltip="Shares of the total" value={query.percent} onChange={(percent) => set({ percent })} />
            <Toggle label="Both directions" tooltip="What went out of and came into what is grouped by or filtered for" value={query.both} onChange={(both) => set({ both })} />
            <Toggle label="Spread" tooltip="Lays bytes and packets over the duration of each record, instead of counting them at its end" value={query.spread} onChange={(spread) => set({ spread })} />
            <Toggle label="All copies" tooltip="Counts what several exporters saw several times" value={query.allCopies} onChange={(allCopies) => set({ allCopies })} />
            <Toggle label="Invalid" tooltip="Only the records that were set aside" value={query.invalid} onChange={(invalid) => set({ invalid })} />
          </InlineFieldRow>
        </>
      )}
    </div>
  );
}

/** The options that are set, for when they are folded. */
function summary(q: Part['query']): string {
  const set = [
    q.interval && `every ${q.interval}`,
    q.minInterval && `at least ${q.minInterval}`,
    q.zone,
    q.fill && `empty is ${q.fill}`,
    q.compare && `compared with ${q.compare} earlier`,
    q.percentile && `percentile ${q.percentile}`,
    q.more?.length && `and ${q.more.join(', ')}`,
    q.percent && 'percent',
    q.both && 'both directions',
    q.spread && 'spread',
    q.allCopies && 'all copies',
    q.invalid && 'invalid',
  ].filter(Boolean);
  return set.length ? `: ${set.join(', ')}` : '';
}
