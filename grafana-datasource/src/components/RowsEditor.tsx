import { InlineFieldRow } from '@grafana/ui';
import { Choices, NumberField, Toggle } from './inputs';
import { Part } from './part';

/** Edits which records or sessions are told, and what of them. */
export function RowsEditor({ query, set, fields }: Part) {
  const options = [{ label: '*', value: '*', description: 'every field that occurs' }, ...fields.map((f) => ({ label: f.name, value: f.name, description: f.doc }))];
  return (
    <>
      <InlineFieldRow>
        <Choices label="Columns" placeholder="the usual ones" value={query.fields} options={options} onChange={(list) => set({ fields: list })} />
      </InlineFieldRow>
      <InlineFieldRow>
        <NumberField label="Limit" placeholder="1000" value={query.limit} onCommit={(limit) => set({ limit })} />
        <NumberField label="Skip" labelWidth={8} placeholder="0" value={query.offset} onCommit={(offset) => set({ offset })} />
        {query.queryType === 'records' && (
          <>
            <Toggle label="All copies" tooltip="Also what other exporters saw of the same" value={query.allCopies} onChange={(allCopies) => set({ allCopies })} />
            <Toggle label="Invalid" tooltip="Only the records that were set aside" value={query.invalid} onChange={(invalid) => set({ invalid })} />
          </>
        )}
      </InlineFieldRow>
    </>
  );
}
