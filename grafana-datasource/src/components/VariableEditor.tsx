import { QueryEditorProps } from '@grafana/data';
import { InlineFieldRow } from '@grafana/ui';
import { DataSource } from '../datasource';
import { WeirOptions, WeirQuery, WeirVariableQuery } from '../types';
import { FilterText } from './FilterText';
import { asOptions, Choice, NumberField, TextField, Toggle } from './inputs';
import { useLatest } from './useLatest';

type Props = QueryEditorProps<DataSource, WeirQuery, WeirOptions, WeirVariableQuery>;

const kinds = [
  { value: 'values', label: 'Values of a field' },
  { value: 'fields', label: 'Names of fields' },
  { value: 'exporters', label: 'Exporters' },
  { value: 'interfaces', label: 'Interfaces' },
  { value: 'detectors', label: 'Detectors' },
];

/** Edits the query of a template variable. */
export function VariableEditor({ datasource, query, onChange, range }: Props) {
  const known = useLatest('fields', () => datasource.fields());
  const kind = query.kind || 'values';
  const sessions = query.sessions ?? false;
  const names = (known ?? []).filter((f) => (sessions ? f.session : f.record)).map((f) => f.name);
  const set = (change: Partial<WeirVariableQuery>) => onChange({ ...query, refId: query.refId || 'variable', ...change });
  return (
    <div>
      <InlineFieldRow>
        <Choice label="Kind" value={kind} options={kinds} onChange={(k) => set({ kind: k })} />
        {kind === 'values' && <Choice label="Field" labelWidth={8} width={34} custom value={query.field ?? ''} options={asOptions(names)} onChange={(field) => set({ field })} />}
        {(kind === 'values' || kind === 'fields') && <Toggle label="Of sessions" value={query.sessions} onChange={(s) => set({ sessions: s })} />}
        {kind === 'interfaces' && <TextField label="Exporter" tooltip="Its interfaces; variables may stand here" placeholder="all" value={query.exporter} onCommit={(exporter) => set({ exporter })} />}
        <TextField label="Begins with" value={query.prefix} onCommit={(prefix) => set({ prefix })} />
        {kind === 'values' && <NumberField label="Limit" labelWidth={8} placeholder="500" value={query.limit} onCommit={(limit) => set({ limit })} />}
      </InlineFieldRow>
      {kind === 'values' && <FilterText datasource={datasource} value={query.filter ?? ''} sessions={sessions} range={range} onCommit={(filter) => set({ filter: filter || undefined })} />}
    </div>
  );
}
