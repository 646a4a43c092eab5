import { TimeRange } from '@grafana/data';
import { InlineFieldRow } from '@grafana/ui';
import { DataSource } from '../datasource';
import { exporterValues, interfaceValues, pointValues } from '../types.generated';
import { asOptions, Choice, NumberField, TextField } from './inputs';
import { Part } from './part';
import { useLatest } from './useLatest';

const kinds = [
  { value: 'interface', label: 'Interfaces' },
  { value: 'vlan', label: 'VLANs' },
  { value: 'processor', label: 'Processors' },
];

/** Edits which interfaces or exporters are told, and which of their numbers. */
export function InventoryEditor({ query, set, datasource, range }: Part & { datasource: DataSource; range?: TimeRange }) {
  const exporters = useLatest('exporters', () => datasource.values({ kind: 'exporters' }, range));
  const choices = [{ value: '', label: 'all' }, ...asOptions([...datasource.variableNames(), ...(exporters ?? []).map((e) => e.value)])];
  const interfaces = query.queryType === 'interfaces';
  const format = query.format ?? 'table';
  const values = interfaces ? (format === 'points' ? pointValues : interfaceValues) : exporterValues;
  return (
    <InlineFieldRow>
      <Choice label="Exporter" custom value={query.exporter ?? ''} options={choices} onChange={(e) => set({ exporter: e || undefined })} />
      {interfaces && (
        <>
          <Choice label="Kind" labelWidth={8} width={16} value={query.kind || 'interface'} options={kinds} onChange={(k) => set({ kind: k === 'interface' ? undefined : k })} />
          <TextField label="Name" labelWidth={8} tooltip="Name or alias; * stands for any text" placeholder="any" value={query.name} onCommit={(name) => set({ name })} />
          <NumberField label="Limit" labelWidth={8} placeholder="all" value={query.limit} onCommit={(limit) => set({ limit })} />
        </>
      )}
      {(format === 'points' || format === 'numeric') && <Choice label="Number" labelWidth={10} value={query.value || values[0]} options={asOptions(values)} onChange={(value) => set({ value })} />}
      {format === 'points' && <TextField label="Interval" labelWidth={10} placeholder="auto" width={12} value={query.interval} onCommit={(interval) => set({ interval })} />}
    </InlineFieldRow>
  );
}
