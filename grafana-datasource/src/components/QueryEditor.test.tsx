import { dateTime, LoadingState, PanelData } from '@grafana/data';
import { render, screen, waitFor, within } from '@testing-library/react';
import { user } from '../testing/user';
import { useState } from 'react';
import { Backend, fakeDatasource, setVariables } from '../testing/datasource';
import { WeirQuery } from '../types';
import { AdhocFilter, ParseAnswer } from '../types.generated';
import { QueryEditor } from './QueryEditor';

/** A backend that knows filters of the form "key : value and ...". */
const simple: Backend['answers'] = {
  parse: ({ filter }: { filter: string }): ParseAnswer => {
    if (filter.includes('source.prot')) {
      return { ok: false, canonical: '', conditions: null, error: { column: filter.indexOf('source.prot') + 1, text: 'no field source.prot', suggestion: 'source.port' } };
    }
    const parts = filter.includes(' or ') ? null : filter.split(' and ').map((p) => p.split(' : '));
    return { ok: true, canonical: filter, conditions: parts && parts.map(([key, value]) => ({ key, operator: '=', value })) };
  },
  build: ({ conditions }: { conditions: AdhocFilter[] }): ParseAnswer => ({ ok: true, canonical: conditions.map((c) => `${c.key} : ${c.values?.length ? `(${c.values.join(' or ')})` : c.value}`).join(' and '), conditions }),
  variable: () => [{ text: '10.0.0.1', value: '10.0.0.1' }],
};

function show(first: Partial<WeirQuery>, answers: Backend['answers'] = {}, data?: PanelData) {
  const { datasource, backend } = fakeDatasource({ ...simple, ...answers });
  const runs: WeirQuery[] = [];
  const latest = { query: { refId: 'A', ...first } as WeirQuery };
  function Host() {
    const [query, setQuery] = useState(latest.query);
    latest.query = query;
    return <QueryEditor datasource={datasource} query={query} onChange={setQuery} onRunQuery={() => runs.push(query)} data={data} />;
  }
  render(<Host />);
  return { backend, latest, runs };
}

/** Chooses an option of one of Grafana's selects. */
async function choose(label: string, option: string) {
  await user.click(await screen.findByLabelText(label));
  await user.click(await screen.findByText(option, { selector: '[aria-label="Select option"] *, [data-testid*="Select option"] *' }));
}

beforeEach(() => setVariables({ host: '10.0.0.7' }));

test('a query is built by choosing', async () => {
  const { latest, runs } = show({});
  await choose('Type', 'Top list');
  await choose('Measure', 'flows');
  await choose('Group by', 'destination.port');
  expect(latest.query).toMatchObject({ queryType: 'top', measure: 'flows', by: ['destination.port'] });
  await user.click(screen.getByRole('button', { name: /Condition/ }));
  await choose('Field', 'network.direction');
  await choose('Value', 'inbound');
  await waitFor(() => expect(latest.query.filter).toBe('network.direction : inbound'));
  expect(runs.length).toBeGreaterThan(3);
});

test('a filter goes between its two forms without loss', async () => {
  const filter = 'source.ip : 10.0.0.1 and destination.port : 443';
  const { latest } = show({ filter });
  expect(await screen.findByText('10.0.0.1')).toBeInTheDocument();
  await user.click(screen.getByLabelText('Text'));
  expect(await screen.findByRole('combobox', { name: 'Filter' })).toHaveValue(filter);
  await user.click(screen.getByLabelText('Builder'));
  expect(await screen.findByText('443')).toBeInTheDocument();
  expect(latest.query).toMatchObject({ filter, filterMode: 'builder' });
});

test('a filter that is no list of conditions stays as it is', async () => {
  const { latest } = show({ filter: 'a : 1 or b : 2' });
  expect(await screen.findByText(/more than rows can show/)).toBeInTheDocument();
  expect(screen.getByText('a : 1 or b : 2')).toBeInTheDocument();
  expect(latest.query.filter).toBe('a : 1 or b : 2');
});

test('text is completed by the keyboard and asked by Enter', async () => {
  const { latest, runs, backend } = show(
    { filterMode: 'text' },
    { complete: ({ text }: { text: string }) => (text === 'sou' ? { from: 0, to: 3, kind: 'field', options: [{ label: 'source.bytes', insert: 'source.bytes ' }, { label: 'source.ip', insert: 'source.ip ' }] } : { from: text.length, to: text.length, kind: text.endsWith(': ') ? 'value' : '', options: [] }) }
  );
  const area = await screen.findByRole('combobox', { name: 'Filter' });
  await user.type(area, 'sou');
  const list = await screen.findByRole('listbox');
  expect(within(list).getAllByRole('option')[0]).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{ArrowDown}{Enter}');
  expect(area).toHaveValue('source.ip ');
  await user.type(area, ': ', { initialSelectionStart: 10 });
  expect(await screen.findByText('$host')).toBeInTheDocument(); // the dashboard's variable
  await user.keyboard('{Tab}');
  expect(area).toHaveValue('source.ip : $host ');
  await waitFor(() => expect(screen.queryByRole('listbox')).not.toBeInTheDocument());
  await user.keyboard('{Enter}');
  expect(latest.query.filter).toBe('source.ip : $host');
  expect(runs.length).toBeGreaterThan(0);
  expect(backend.asked.find((a) => a.path === 'complete')?.body).toMatchObject({ text: 'sou', cursor: 3 });
});

test('what is wrong is said and marked where it is', async () => {
  show({ filterMode: 'text', filter: 'a : 1 and source.prot : 53' });
  expect(await screen.findByText('Column 11: no field source.prot; did you mean source.port?')).toBeInTheDocument();
  const marked = screen.getByTestId('highlight').querySelector('[data-fault]');
  expect(marked).toHaveTextContent('source.prot');
  expect(screen.getByRole('combobox', { name: 'Filter' })).toHaveAttribute('aria-invalid', 'true');
});

test('what the backend refuses of a row is said', async () => {
  show({ filter: 'source.ip : 10.0.0.1' }, { build: () => Promise.reject({ data: { message: 'source.ip = x: wants an address' } }) });
  await screen.findByText('10.0.0.1');
  await choose('Operator', 'is not');
  expect(await screen.findByText('source.ip = x: wants an address')).toBeInTheDocument();
});

test.each([
  ['series', 'Interval'],
  ['graph', 'Nodes'],
  ['records', 'Columns'],
  ['sessions', 'Columns'],
  ['alerts', 'Severity'],
  ['interfaces', 'Exporter'],
  ['exporters', 'Exporter'],
] as const)('queries of type %s have what they need', async (queryType, label) => {
  show({ queryType });
  if (queryType === 'series') {
    await user.click(screen.getByRole('button', { name: /Options/ }));
  }
  expect(await screen.findByLabelText(label)).toBeInTheDocument();
});

test('options that are set are told where they are folded', async () => {
  show({ interval: '5m', percent: true });
  expect(await screen.findByRole('button', { name: 'Options: every 5m, percent' })).toBeInTheDocument();
});

test('a format of another type is not kept', async () => {
  const { latest } = show({ queryType: 'alerts', format: 'logs' });
  await choose('Type', 'Exporters');
  expect(latest.query).toMatchObject({ queryType: 'exporters', format: undefined });
});

/** An answer with what the backend says of it. */
function answered(custom: object): PanelData {
  const at = dateTime('2026-03-02T09:00:00Z');
  const meta = { executedQueryString: "weir query 'source.port : 53'", custom: { from: '2026-03-02T08:00:00Z', to: '2026-03-02T09:00:00Z', ...custom } };
  return { state: LoadingState.Done, timeRange: { from: at, to: at, raw: { from: at, to: at } }, series: [{ refId: 'A', fields: [], length: 0, meta }] };
}

test('what was asked is shown, with the filter in other languages', async () => {
  const data = answered({ exactness: 'exact', interval: '10s', loss: { gaps: 3, kernel_drops: 0, dropped: 0, in_range: { gaps: 0, kernel_drops: 0, dropped: 0 } } });
  show({ filter: 'source.port : 53' }, { translate: ({ to }: { to: string }) => ({ text: `${to} of it` }) }, data);
  await user.click(await screen.findByRole('button', { name: 'Asked: exact, 2026-03-02 08:00:00 to 2026-03-02 09:00:00, every 10s, nothing is known to be missing' }));
  expect(screen.getByTestId('asked')).toHaveTextContent("weir query 'source.port : 53'");
  await user.click(screen.getByLabelText('SPL'));
  await waitFor(() => expect(screen.getByTestId('asked')).toHaveTextContent('spl of it'));
});

test.each([
  [{ gaps: 3, kernel_drops: 0, dropped: 0 }, '3 lost on the way in all'],
  [{ gaps: 9, kernel_drops: 9, dropped: 9, in_range: { gaps: 3, kernel_drops: 0, dropped: 1 } }, '3 lost on the way, 1 dropped by the collector'],
])('what is missing is said: %j', async (loss, said) => {
  show({}, {}, answered({ exactness: 'approximate', loss }));
  expect(await screen.findByRole('button', { name: `Asked: approximate, 2026-03-02 08:00:00 to 2026-03-02 09:00:00, ${said}` })).toBeInTheDocument();
});
