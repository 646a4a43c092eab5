import { setVariables, fakeDatasource } from '../testing/datasource';
import { faultOf } from './check';
import { filterValue, interpolateList, plainValue, sampled } from './interpolate';
import { filterOf, rowsOf } from './rows';
import { condition, toggleCondition, withCondition } from './text';

describe('values of variables in filters', () => {
  test.each([
    ['10.0.0.1', '"10.0.0.1"'],
    [['10.0.0.1'], '"10.0.0.1"'],
    [['a', 'b"c\\'], '("a" or "b\\"c\\\\")'],
    ['x") or source.ip : *', '"x\\") or source.ip : *"'],
    ['*', '*'],
    [['$__all'], '*'],
    ['', '*'],
    [['', 'a'], '"a"'],
    [443, '"443"'],
  ])('%j', (value, want) => {
    expect(filterValue(value)).toBe(want);
  });

  test('outside filters', () => {
    expect([plainValue('a'), plainValue(['a']), plainValue(['a', 'b']), plainValue('*'), plainValue(undefined)]).toEqual(['a', 'a', '', '', '']);
  });

  test('in filters of a dashboard', () => {
    setVariables({ host: ['10.0.0.1', '10.0.0.2'], app: 'ms teams', part: 'a : 1' });
    const { datasource } = fakeDatasource();
    expect(datasource.interpolate('source.ip : $host and network.application : "$app"')).toBe('source.ip : ("10.0.0.1" or "10.0.0.2") and network.application : "ms teams"');
    expect(datasource.interpolate('${part:raw} and b : 2')).toBe('a : 1 and b : 2');
    expect(datasource.interpolate('event.start >= "${__from:date:iso}" and a : ${app} and b : $unknown')).toBe('event.start >= "${__from:date:iso}" and a : "ms teams" and b : $unknown');
    expect(datasource.interpolate('network.bytes > $__range_s')).toBe('network.bytes > $__range_s');
    expect(datasource.interpolate('a : $app', { app: { value: 'one', text: 'one' } })).toBe('a : "one"');
  });

  test('lists take every value of a variable', () => {
    setVariables({ by: ['source.ip', 'destination.ip'], one: 'x', all: '*' });
    const { datasource } = fakeDatasource();
    expect(datasource.applyTemplateVariables({ refId: 'A', by: ['$by', 'network.protocol', '$one'] }, {}).by).toEqual(['source.ip', 'destination.ip', 'network.protocol', 'x']);
    expect(interpolateList(['$all'], (_t, _s, f) => (f as (v: unknown) => string)('*'))).toEqual([]);
  });

  test('macros have a value where a filter is only looked at', () => {
    expect(sampled('event.start >= "${__from:date:iso}" and n > $__interval_ms')).toBe('event.start >= "2026-01-01T00:00:00Z" and n > 1');
    expect(sampled('$__timeFilter(event.start) and event.end < $__timeTo()')).toBe('@timestamp : * and event.end < "2026-01-01T00:00:00Z"');
  });
});

describe('conditions', () => {
  test('on values', () => {
    expect(condition('a', 'x "y" \\')).toBe('a : "x \\"y\\" \\\\"');
    expect(condition('a', '(none)')).toBe('not a : *');
    expect(condition('a', '', true)).toBe('a : *');
  });

  test('are added to what a filter says as a whole', () => {
    expect(withCondition('', 'b : 2')).toBe('b : 2');
    expect(withCondition('a : 1', 'b : 2')).toBe('a : 1 and b : 2');
    expect(withCondition('a : 1 or c : 3', 'b : 2')).toBe('(a : 1 or c : 3) and b : 2');
  });

  test('are taken away by the same click, and replaced by the opposite', () => {
    const once = toggleCondition('a : 1', 'b', '2', false);
    expect(once).toBe('a : 1 and b : "2"');
    expect(toggleCondition(once, 'b', '2', false)).toBe('a : 1');
    expect(toggleCondition(once, 'b', '2', true)).toBe('a : 1 and not b : "2"');
  });
});

describe('rows', () => {
  const row = { key: 'a', operator: '=', value: '1' };

  test('of a filter with variables keep them', async () => {
    const { datasource, backend } = fakeDatasource({ parse: () => ({ ok: true, canonical: 'a : 1', conditions: [row] }) });
    expect(await rowsOf(datasource, 'a : 1 and not source.ip : $host', false)).toEqual([row, { key: 'source.ip', operator: '!=', value: '$host' }]);
    expect(backend.asked.map((a) => a.body.filter)).toEqual(['a : 1']);
  });

  test.each(['a : 1 or b : $x', 'not (a : $x and b : 1)', 'a > $x'])('are not made of %s', async (filter) => {
    expect(await rowsOf(fakeDatasource().datasource, filter, false)).toBeNull();
  });

  test('make a filter', async () => {
    const { datasource } = fakeDatasource({ build: (b: { conditions: Array<{ key: string }> }) => ({ ok: true, canonical: b.conditions.map((c) => `${c.key} : 1 or not ${c.key} : *`).join(' and '), conditions: [] }) });
    expect(await filterOf(datasource, [], false)).toBe('');
    expect(await filterOf(datasource, [row], false)).toBe('a : 1 or not a : *');
    expect(await filterOf(datasource, [row, { key: 's', operator: '!=', value: '${host}' }], false)).toBe('(a : 1 or not a : *) and not s : ${host}');
    expect(await filterOf(datasource, [{ key: 's', operator: '=|', value: '', values: ['$host'] }], true)).toBe('s : $host');
  });
});

describe('faults', () => {
  const wrong = (column: number) => ({ parse: () => ({ ok: false, canonical: '', conditions: null, error: { column, text: 'wrong' } }) });
  const same = (t: string) => t;

  test('have a place in the text, in the units of browsers', async () => {
    expect(await faultOf(fakeDatasource(wrong(5)).datasource, '🙂: x', false, same)).toEqual({ column: 5, text: 'wrong', at: 5 });
  });

  test('behind a variable have none', async () => {
    const values = (t: string) => t.replace('$host', '"10.0.0.1"');
    expect((await faultOf(fakeDatasource(wrong(1)).datasource, 'x : $host', false, values))?.at).toBe(0);
    expect((await faultOf(fakeDatasource(wrong(22)).datasource, 'x : $host and y : 1', false, values))?.at).toBeUndefined();
  });
});
