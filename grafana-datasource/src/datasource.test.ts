import { CoreApp, dateTime } from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import { describe as told } from './describe';
import { fakeDatasource, fields, setVariables } from './testing/datasource';
import { WeirQuery } from './types';
import { Variables } from './variables';

const range = { from: dateTime(1000), to: dateTime(2000), raw: { from: 'now-1h', to: 'now' } };
const query = (q: Partial<WeirQuery>): WeirQuery => ({ refId: 'A', ...q });

beforeEach(() => setVariables({ host: '10.0.0.1', exporter: '*' }));

describe('queries', () => {
  test('have the values of variables and ad-hoc filters, and nothing of the editor', () => {
    const { datasource } = fakeDatasource();
    const asked = datasource.applyTemplateVariables(
      query({ queryType: 'top', by: ['source.ip'], filter: 'source.ip : $host', host: '$host', exporter: '$exporter', filterMode: 'text', interval: '$__interval' }),
      {},
      [{ key: 'destination.port', operator: '=', value: '443' }, { key: 'source.ip', operator: '=|', value: 'a', values: ['a', 'b'] } as never]
    );
    expect(asked).toMatchObject({ queryType: 'top', filter: 'source.ip : "10.0.0.1"', host: '10.0.0.1', exporter: '', interval: '$__interval' });
    expect(asked.adhoc).toEqual([
      { key: 'destination.port', operator: '=', value: '443' },
      { key: 'source.ip', operator: '=|', value: 'a', values: ['a', 'b'] },
    ]);
    expect(asked).not.toHaveProperty('filterMode');
  });

  test('that take no filter take no ad-hoc filters', () => {
    expect(fakeDatasource().datasource.applyTemplateVariables(query({ queryType: 'alerts' }), {}, [{ key: 'a', operator: '=', value: '1' }]).adhoc).toBeUndefined();
  });

  test('that are switched off or begun are not asked', () => {
    const { datasource } = fakeDatasource();
    expect([{}, { hide: true }, { measure: 'distinct()' }].map((q) => datasource.filterQuery(query(q)))).toEqual([true, false, false]);
  });

  test('begin with something to see, and are told in a line', () => {
    const { datasource } = fakeDatasource();
    expect(datasource.getDefaultQuery(CoreApp.Explore)).toEqual({ queryType: 'series', measure: 'bps' });
    expect(datasource.getQueryDisplayText(query({ by: ['source.ip'], filter: 'a : 1' }))).toBe('Time series · bps · by source.ip · a : 1');
    expect(told(query({ queryType: 'alerts', detectors: ['dos.*'] }))).toBe('Alerts · dos.*');
  });
});

describe('clicks on values', () => {
  const { datasource } = fakeDatasource();
  const action = (type: string, key: string, value: string) => ({ type, options: { key, value } });

  test('filter', () => {
    const once = datasource.modifyQuery(query({ filter: 'a : 1' }), action('ADD_FILTER', 'source.ip', '10.0.0.1'));
    expect(once.filter).toBe('a : 1 and source.ip : "10.0.0.1"');
    expect(datasource.modifyQuery(once, action('ADD_FILTER', 'source.ip', '10.0.0.1'))).toBe(once);
    expect(datasource.modifyQuery(once, action('ADD_FILTER_OUT', 'b', '(none)')).filter).toBe('a : 1 and source.ip : "10.0.0.1" and b : *');
    expect(datasource.queryHasFilter(once, { key: 'source.ip', value: '10.0.0.1' })).toBe(true);
    expect(datasource.toggleQueryFilter(once, { type: 'FILTER_FOR', options: { key: 'source.ip', value: '10.0.0.1' } }).filter).toBe('a : 1');
    expect(datasource.getSupportedQueryModifications()).toContain('ADD_FILTER');
  });

  test('of alerts choose detector, state and host', () => {
    const alerts = query({ queryType: 'alerts' });
    const on = datasource.toggleQueryFilter(alerts, { type: 'FILTER_FOR', options: { key: 'detector', value: 'dos.x' } });
    expect(on.detectors).toEqual(['dos.x']);
    expect(datasource.queryHasFilter(on, { key: 'detector', value: 'dos.x' })).toBe(true);
    expect(datasource.toggleQueryFilter(on, { type: 'FILTER_FOR', options: { key: 'detector', value: 'dos.x' } }).detectors).toBeUndefined();
    expect(datasource.modifyQuery(alerts, action('ADD_FILTER', 'victim', '10.0.0.9')).host).toBe('10.0.0.9');
    expect(datasource.modifyQuery(alerts, action('ADD_FILTER', 'state', 'active')).states).toEqual(['active']);
  });
});

describe('variables and tags', () => {
  test('are asked with the values of other variables and the range', async () => {
    const { datasource, backend } = fakeDatasource({ variable: () => [{ text: '443', value: '443' }] });
    const answer = await firstValueFrom(
      (datasource.variables as Variables).query({ targets: [{ refId: 'V', field: 'destination.port', filter: 'source.ip : $host' }], range, scopedVars: {} } as never)
    );
    expect(answer).toEqual({ data: [{ text: '443', value: '443' }] });
    expect(backend.asked).toEqual([{ path: 'variable', body: { field: 'destination.port', filter: 'source.ip : "10.0.0.1"', exporter: undefined, range: { from: '1000', to: '2000' } } }]);
    await datasource.metricFindQuery('source.ip');
    expect(backend.asked[1].body).toMatchObject({ kind: 'values', field: 'source.ip' });
  });

  test('tags are the fields of records, and values those that other filters leave', async () => {
    const { datasource, backend } = fakeDatasource({ build: () => ({ ok: true, canonical: 'b : 2', conditions: [] }), variable: () => [{ text: 'x', value: 'x' }] });
    expect((await datasource.getTagKeys()).map((k) => k.text)).toEqual(fields.filter((f) => f.record).map((f) => f.name));
    expect((await datasource.getTagKeys({ filters: [], queries: [query({ queryType: 'sessions' })] })).map((k) => k.text)).toContain('client.ip');
    expect(await datasource.getTagValues({ key: 'network.direction', filters: [] })).toEqual([{ text: 'inbound', value: 'inbound' }, { text: 'outbound', value: 'outbound' }]);
    await datasource.getTagValues({ key: 'source.ip', filters: [{ key: 'source.ip', operator: '=', value: '1' }, { key: 'b', operator: '=', value: '2' }] });
    expect(backend.asked.map((a) => a.path)).toEqual(['build', 'variable']);
    expect(backend.asked[1].body).toMatchObject({ field: 'source.ip', filter: 'b : 2' });
  });

  test('fields are asked for once, and again after a failure', async () => {
    const { datasource } = fakeDatasource();
    let calls = 0;
    datasource.getResource = (async () => {
      calls++;
      if (calls === 1) {
        throw new Error('away');
      }
      return fields;
    }) as never;
    await expect(datasource.fields()).rejects.toThrow('away');
    await datasource.fields();
    await datasource.fields();
    expect(calls).toBe(2);
  });
});

test('annotations are alerts in their form', () => {
  const { datasource } = fakeDatasource();
  expect(datasource.annotations.getDefaultQuery?.()).toMatchObject({ queryType: 'alerts', format: 'annotations' });
  expect(datasource.annotations.prepareQuery?.({ name: 'x', enable: true, iconColor: 'red', target: query({ queryType: 'series', minSeverity: 80, live: true }) })).toMatchObject({ queryType: 'alerts', format: 'annotations', minSeverity: 80, live: undefined });
});
