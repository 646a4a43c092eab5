import { TimeRange } from '@grafana/data';
import { InlineFieldRow } from '@grafana/ui';
import { DataSource } from '../datasource';
import { asOptions, Choice, Choices, NumberField, TextField, Toggle } from './inputs';
import { Part } from './part';
import { useLatest } from './useLatest';

const severities = [
  { value: '0', label: 'any' },
  { value: '20', label: 'low and above' },
  { value: '40', label: 'medium and above' },
  { value: '60', label: 'high and above' },
  { value: '80', label: 'critical' },
];

const states = asOptions(['active', 'clearing', 'watching', 'ended']);
const counters = asOptions(['severity_label', 'detector', 'state', 'exporter']);

/** Edits which alerts are told. */
export function AlertsEditor({ query, set, datasource, range }: Part & { datasource: DataSource; range?: TimeRange }) {
  const detectors = useLatest('detectors', () => datasource.values({ kind: 'detectors' }, range));
  const format = query.format ?? 'table';
  return (
    <>
      <InlineFieldRow>
        <Choice label="Severity" value={String(query.minSeverity ?? 0)} options={severities} onChange={(s) => set({ minSeverity: Number(s) || undefined })} />
        <TextField label="Host" labelWidth={8} tooltip="An address that the alert is about" placeholder="any" value={query.host} onCommit={(host) => set({ host })} />
        <NumberField label="Limit" labelWidth={8} placeholder="all" value={query.limit} onCommit={(limit) => set({ limit })} />
        {(format === 'table' || format === 'logs') && <Toggle label="Live" tooltip="Changes of alerts come into the panel as they happen" value={query.live} onChange={(live) => set({ live })} />}
      </InlineFieldRow>
      <InlineFieldRow>
        <Choices label="Detectors" tooltip="* stands for any text: dos.*" placeholder="all" value={query.detectors} options={asOptions((detectors ?? []).map((d) => d.value))} onChange={(list) => set({ detectors: list })} />
        <Choices label="States" labelWidth={10} placeholder="all" value={query.states} options={states} onChange={(list) => set({ states: list })} />
      </InlineFieldRow>
      {format === 'count' && (
        <InlineFieldRow>
          <Choices label="Counted by" placeholder="severity_label" value={query.by} options={counters} onChange={(by) => set({ by })} />
        </InlineFieldRow>
      )}
    </>
  );
}
