import { DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { DataSource } from '../datasource';
import { CompleteAnswer, FieldInfo, ParseAnswer } from '../types.generated';
import { WeirOptions } from '../types';

const operators = ['=', '!=', '=|', '!=|', 'exists', '!exists'];

/** Some fields, as the backend tells them. */
export const fields: FieldInfo[] = [
  { name: 'source.ip', title: 'Source', type: 'ip', doc: 'who sent', record: true, session: true, operators },
  { name: 'destination.port', title: 'Port', type: 'unsigned', doc: 'where to', record: true, session: true, operators: [...operators, '<', '>', '<=', '>='] },
  { name: 'network.direction', title: 'Direction', type: 'keyword', doc: 'which way', values: ['inbound', 'outbound'], record: true, session: true, operators },
  { name: 'client.ip', title: 'Client', type: 'ip', doc: 'who opened', record: false, session: true, operators },
];

/** What the backend is asked, and what it answers, by resource. */
export interface Backend {
  asked: Array<{ path: string; body: Record<string, unknown> }>;
  answers: Record<string, (body: never) => unknown>;
}

/** Sets the variables of the dashboard, as Grafana's template service has them. */
export function setVariables(values: Record<string, unknown>) {
  setTemplateSrv({
    getVariables: () => Object.keys(values).map((name) => ({ name, type: 'query' })) as never,
    containsTemplate: (text?: string) => /\$/.test(text ?? ''),
    updateTimeRange: () => {},
    replace: (text = '', scoped?: ScopedVars, format?: string | ((v: unknown) => string)) =>
      text.replace(/\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g, (whole, a, b, fmt, c) => {
        const name = a ?? b ?? c;
        const value = scoped?.[name]?.value ?? values[name];
        if (value === undefined) {
          return whole;
        }
        return typeof format === 'function' && fmt !== 'raw' ? format(value) : String(value);
      }),
  } as never);
}

/** A data source whose backend answers with what a test says. */
export function fakeDatasource(answers: Backend['answers'] = {}): { datasource: DataSource; backend: Backend } {
  const backend: Backend = {
    asked: [],
    answers: {
      parse: (): ParseAnswer => ({ ok: true, canonical: '', conditions: [] }),
      build: (): ParseAnswer => ({ ok: true, canonical: '', conditions: [] }),
      complete: (): CompleteAnswer => ({ from: 0, to: 0, kind: 'field', options: [] }),
      variable: () => [],
      ...answers,
    },
  };
  const datasource = new DataSource({ id: 1, uid: 'weir', name: 'Weir', type: 'weir-flow-datasource', jsonData: {}, meta: {} } as unknown as DataSourceInstanceSettings<WeirOptions>);
  datasource.getResource = (async () => fields) as never;
  datasource.postResource = (async (path: string, body: Record<string, unknown>) => {
    backend.asked.push({ path, body });
    return backend.answers[path](body as never);
  }) as never;
  return { datasource, backend };
}
