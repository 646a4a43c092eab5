import { TimeRange } from '@grafana/data';
import { Alert, InlineField, RadioButtonGroup } from '@grafana/ui';
import { DataSource } from '../datasource';
import { rowsOf } from '../filter/rows';
import { FieldInfo } from '../types.generated';
import { FilterMode } from '../types';
import { FilterRows } from './FilterRows';
import { FilterText } from './FilterText';
import { useLatest } from './useLatest';

interface Props {
  datasource: DataSource;
  filter: string;
  mode: FilterMode;
  fields: FieldInfo[];
  sessions: boolean;
  range?: TimeRange;
  onMode: (mode: FilterMode) => void;
  onCommit: (filter: string) => void;
}

const modes: Array<{ label: string; value: FilterMode }> = [
  { label: 'Builder', value: 'builder' },
  { label: 'Text', value: 'text' },
];

/** A filter in one of its two forms. Its text is what both show, so that nothing is lost between them. */
export function FilterField({ datasource, filter, mode, fields, sessions, range, onMode, onCommit }: Props) {
  const read = useLatest(`${mode} ${sessions} ${filter}`, async () => (mode === 'builder' ? { rows: await rowsOf(datasource, filter, sessions) } : undefined));
  const builder = mode === 'builder';
  return (
    <div style={{ display: 'flex', alignItems: 'flex-start', gap: 8, marginBottom: 4 }}>
      <InlineField label="Filter" labelWidth={14} style={{ margin: 0 }}>
        <RadioButtonGroup options={modes} value={mode} onChange={onMode} />
      </InlineField>
      {!builder && <FilterText datasource={datasource} value={filter} sessions={sessions} range={range} onCommit={onCommit} />}
      {builder && read?.rows && <FilterRows datasource={datasource} rows={read.rows} fields={fields} sessions={sessions} range={range} onCommit={onCommit} />}
      {builder && read && !read.rows && (
        <Alert severity="info" title="This filter says more than rows can show: edit it as text" style={{ flexGrow: 1, margin: 0 }}>
          <code>{filter}</code>
        </Alert>
      )}
    </div>
  );
}
