import { InlineFieldRow } from '@grafana/ui';
import { useState } from 'react';
import { AggregateOptions } from './AggregateOptions';
import { asOptions, Choice, Choices, NumberField } from './inputs';
import { Part } from './part';

/** What measures are called. */
const measureNames: Record<string, string> = { bps: 'bit/s', pps: 'packets/s', bytes: 'bytes', packets: 'packets', flows: 'flows', sessions: 'sessions', distinct: 'distinct values' };

/** Edits what a time series, a top list or a graph is of. */
export function AggregateEditor({ query, set, fields }: Part) {
  const graph = query.queryType === 'graph';
  const own = query.queryType === 'series' ? 'bps' : 'bytes';
  const distinct = /^distinct\((.*)\)$/.exec(query.measure ?? '');
  const [choosing, setChoosing] = useState(false);
  const measure = choosing || distinct ? 'distinct' : query.measure || own;
  const names = graph ? ['bytes', 'packets', 'flows'] : Object.keys(measureNames);
  const sides = fields.filter((f) => f.name.startsWith('source.'));

  const onMeasure = (name: string) => {
    setChoosing(name === 'distinct');
    if (name !== 'distinct') {
      set({ measure: name });
    }
  };

  return (
    <>
      <InlineFieldRow>
        <Choice label="Measure" value={measure} options={names.map((n) => ({ value: n, label: measureNames[n] }))} onChange={onMeasure} />
        {measure === 'distinct' && (
          <Choice label="Of" labelWidth={6} width={34} value={distinct?.[1] ?? ''} options={asOptions(fields.map((f) => f.name))} onChange={(f) => (setChoosing(false), set({ measure: `distinct(${f})` }))} />
        )}
        <NumberField label={graph ? 'Edges' : 'Top'} labelWidth={8} tooltip="How many are told; the rest is one row more" placeholder="auto" value={query.limit} onCommit={(limit) => set({ limit })} />
      </InlineFieldRow>
      <InlineFieldRow>
        {graph ? (
          <Choice label="Nodes" tooltip="What a node is, of the source; the destination's is the same" width={34} value={query.by?.[0] ?? 'source.ip'} options={asOptions(sides.map((f) => f.name))} onChange={(f) => set({ by: [f] })} />
        ) : (
          <Choices label="Group by" placeholder="everything together" value={query.by} options={fields.map((f) => ({ label: f.name, value: f.name, description: f.doc }))} onChange={(by) => set({ by })} />
        )}
      </InlineFieldRow>
      {!graph && <AggregateOptions query={query} set={set} fields={fields} />}
    </>
  );
}
