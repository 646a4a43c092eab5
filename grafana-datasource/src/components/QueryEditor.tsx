import { QueryEditorProps } from '@grafana/data';
import { Alert, InlineFieldRow } from '@grafana/ui';
import { DataSource } from '../datasource';
import { typeNames } from '../describe';
import { onSessions, takesFilter, WeirOptions, WeirQuery } from '../types';
import { Format, formats, QueryType } from '../types.generated';
import { AggregateEditor } from './AggregateEditor';
import { AlertsEditor } from './AlertsEditor';
import { Asked } from './Asked';
import { FilterField } from './FilterField';
import { Choice } from './inputs';
import { InventoryEditor } from './InventoryEditor';
import { RowsEditor } from './RowsEditor';
import { useLatest } from './useLatest';

type Props = QueryEditorProps<DataSource, WeirQuery, WeirOptions>;

const types = (Object.keys(typeNames) as QueryType[]).map((value) => ({ value, label: typeNames[value] }));

const formatNames: Record<Format, string> = {
  wide: 'One frame',
  multi: 'A frame a group',
  table: 'Table',
  logs: 'Log lines',
  annotations: 'Annotations',
  count: 'Counts',
  points: 'Over time',
  numeric: 'One number each',
};

/** Edits a query of any type. */
export function QueryEditor({ datasource, query, onChange, onRunQuery, range, data }: Props) {
  const type = query.queryType || 'series';
  const sessions = onSessions({ ...query, queryType: type });
  const read = useLatest('fields', async () =>
    datasource.fields().then(
      (list) => ({ list, error: '' }),
      () => ({ list: [], error: 'The fields cannot be read: the backend of the data source does not answer' })
    )
  );
  const fields = (read?.list ?? []).filter((f) => (sessions ? f.session : f.record));

  /** Changes the query and asks it. */
  const set = (change: Partial<WeirQuery>) => {
    onChange({ ...query, ...change });
    onRunQuery();
  };
  const part = { query: { ...query, queryType: type }, set, fields };

  return (
    <div>
      {read?.error && <Alert severity="warning" title={read.error} />}
      <InlineFieldRow>
        <Choice label="Type" value={type} options={types} onChange={(queryType) => set(withType(query, queryType))} />
        {formats[type].length > 1 && (
          <Choice
            label="Format"
            tooltip="The shape of the answer. Alert rules take frames with one number: series, counts and numbers"
            value={query.format || formats[type][0]}
            options={formats[type].map((value) => ({ value, label: formatNames[value] }))}
            onChange={(format) => set({ format: format === formats[type][0] ? undefined : format })}
          />
        )}
      </InlineFieldRow>
      {(type === 'series' || type === 'top' || type === 'graph') && <AggregateEditor {...part} />}
      {takesFilter(type) && (
        <FilterField
          datasource={datasource}
          filter={query.filter ?? ''}
          mode={query.filterMode ?? 'builder'}
          fields={fields}
          sessions={sessions}
          range={range}
          onMode={(filterMode) => onChange({ ...query, filterMode })}
          onCommit={(filter) => set({ filter: filter || undefined })}
        />
      )}
      {(type === 'records' || type === 'sessions') && <RowsEditor {...part} />}
      {type === 'alerts' && <AlertsEditor {...part} datasource={datasource} range={range} />}
      {(type === 'interfaces' || type === 'exporters') && <InventoryEditor {...part} datasource={datasource} range={range} />}
      <Asked datasource={datasource} query={query} data={data} />
    </div>
  );
}

/** A query with another type; what the new type does not have stays in the query, so that it is there when one goes back. */
function withType(query: WeirQuery, queryType: QueryType): Partial<WeirQuery> {
  const keeps = query.format && formats[queryType].includes(query.format);
  return { queryType, format: keeps ? query.format : undefined, measure: measureOf(query, queryType), value: undefined };
}

/** Graphs have no rates, and rates are what a series is about. */
function measureOf(query: WeirQuery, type: QueryType): string | undefined {
  if (type === 'graph') {
    return ['bytes', 'packets', 'flows'].includes(query.measure ?? '') ? query.measure : undefined;
  }
  return type === 'records' || type === 'sessions' ? undefined : query.measure;
}
