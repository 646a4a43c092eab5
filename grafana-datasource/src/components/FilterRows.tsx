import { SelectableValue, TimeRange } from '@grafana/data';
import { AsyncSelect, Button, IconButton, InlineFieldRow, Select } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { DataSource } from '../datasource';
import { filterOf, isWhole } from '../filter/rows';
import { AdhocFilter, FieldInfo } from '../types.generated';

interface Props {
  datasource: DataSource;
  rows: AdhocFilter[];
  fields: FieldInfo[];
  sessions: boolean;
  range?: TimeRange;
  onCommit: (filter: string) => void;
}

/** What operators are called. */
const operatorNames: Record<string, string> = {
  '=': 'is',
  '!=': 'is not',
  '=|': 'is one of',
  '!=|': 'is none of',
  '=~': 'is like',
  '!~': 'is not like',
  exists: 'is there',
  '!exists': 'is not there',
};

/** A filter as rows of conditions, all of which must hold. Rows that are not whole are the editor's own until they are. */
export function FilterRows({ datasource, rows: given, fields, sessions, range, onCommit }: Props) {
  const [rows, setRows] = useState(given);
  const [fault, setFault] = useState('');
  useEffect(() => setRows(given), [given]);

  const commit = async (next: AdhocFilter[]) => {
    setRows(next);
    if (!next.every(isWhole)) {
      return;
    }
    try {
      onCommit(await filterOf(datasource, next, sessions));
      setFault('');
    } catch (err) {
      setFault(messageOf(err));
    }
  };
  const set = (i: number, change: Partial<AdhocFilter>) => commit(rows.map((r, j) => (j === i ? { ...r, ...change } : r)));

  return (
    <div style={{ flexGrow: 1 }}>
      {rows.map((row, i) => (
        <Row
          key={i}
          row={row}
          fields={fields}
          load={(prefix) => valuesOf(datasource, fields, row.key, prefix, sessions, range)}
          onChange={(change) => set(i, change)}
          onRemove={() => commit(rows.filter((_, j) => j !== i))}
        />
      ))}
      <Button variant="secondary" size="sm" icon="plus" disabled={rows.some((r) => !isWhole(r))} onClick={() => setRows([...rows, { key: '', operator: '=', value: '' }])}>
        Condition
      </Button>
      {fault && <div role="alert">{fault}</div>}
    </div>
  );
}

interface RowProps {
  row: AdhocFilter;
  fields: FieldInfo[];
  load: (prefix: string) => Promise<Array<SelectableValue<string>>>;
  onChange: (change: Partial<AdhocFilter>) => void;
  onRemove: () => void;
}

function Row({ row, fields, load, onChange, onRemove }: RowProps) {
  const field = fields.find((f) => f.name === row.key);
  const operators = field?.operators ?? ['=', '!='];
  const many = row.operator === '=|' || row.operator === '!=|';
  const bare = row.operator.endsWith('exists');
  return (
    <InlineFieldRow style={{ marginBottom: 4, gap: 4 }}>
      <Select
        aria-label="Field"
        width={34}
        placeholder="field"
        options={fields.map((f) => ({ label: f.name, value: f.name, description: f.doc }))}
        value={row.key ? { label: row.key, value: row.key } : null}
        onChange={(v) => onChange({ key: v.value ?? '', ...kept(row, fields.find((f) => f.name === v.value)) })}
      />
      <Select
        aria-label="Operator"
        width={15}
        options={operators.map((o) => ({ label: operatorNames[o] ?? o, value: o }))}
        value={row.operator}
        onChange={(v) => onChange(withOperator(row, v.value ?? '='))}
      />
      {!bare && !many && (
        <AsyncSelect
          key={row.key}
          aria-label="Value"
          width={34}
          placeholder="value"
          allowCustomValue
          defaultOptions={row.key !== ''}
          loadOptions={load}
          value={row.value ? { label: row.value, value: row.value } : null}
          onChange={(v: SelectableValue<string>) => onChange({ value: v.value ?? '', values: undefined })}
        />
      )}
      {!bare && many && (
        <AsyncSelect
          key={row.key}
          aria-label="Values"
          width={50}
          placeholder="values"
          isMulti
          allowCustomValue
          closeMenuOnSelect={false}
          defaultOptions={row.key !== ''}
          loadOptions={load}
          value={(row.values ?? []).map((v) => ({ label: v, value: v })) as never}
          onChange={(v: unknown) => onChange({ value: '', values: (v as Array<SelectableValue<string>>).map((o) => o.value ?? '') })}
        />
      )}
      <IconButton name="times" aria-label="Remove condition" tooltip="Remove condition" onClick={onRemove} />
    </InlineFieldRow>
  );
}

/** What of a row is of use with another field. */
function kept(row: AdhocFilter, field?: FieldInfo): Partial<AdhocFilter> {
  const operator = field?.operators.includes(row.operator) ? row.operator : field?.operators[0] ?? '=';
  return { operator, value: '', values: undefined };
}

function withOperator(row: AdhocFilter, operator: string): Partial<AdhocFilter> {
  const had = row.values?.length ? row.values : row.value ? [row.value] : [];
  if (operator.endsWith('exists')) {
    return { operator, value: '', values: undefined };
  }
  return operator.endsWith('|') ? { operator, value: '', values: had } : { operator, value: had[0] ?? '', values: undefined };
}

/** The values that a field may have: those that are known, else the most frequent ones. */
async function valuesOf(datasource: DataSource, fields: FieldInfo[], key: string, prefix: string, sessions: boolean, range?: TimeRange): Promise<Array<SelectableValue<string>>> {
  if (!key) {
    return [];
  }
  const begins = (v: string) => v.toLowerCase().startsWith(prefix.toLowerCase());
  const variables = datasource.variableNames().filter(begins);
  const known = fields.find((f) => f.name === key)?.values;
  const values = known?.length
    ? known.filter(begins)
    : await datasource.values({ kind: 'values', field: key, prefix, sessions, limit: 50 }, range).then(
        (list) => list.map((v) => v.value),
        () => []
      );
  return [...variables, ...values].map((v) => ({ label: v, value: v }));
}

function messageOf(err: unknown): string {
  const data = (err as { data?: { message?: string } })?.data;
  return data?.message ?? (err instanceof Error ? err.message : String(err));
}
