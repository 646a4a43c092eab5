import { createTheme, dataFrameFromJSON, dateTime, LoadingState, PanelData, ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ConfigEditor } from '../components/ConfigEditor';
import { QueryEditor } from '../components/QueryEditor';
import { WeirQuery } from '../types';
import { fakeDatasource, setVariables } from './datasource';
import { Panels } from './panels';

// The page that the browser test drives: the real editors, whose data source asks a running backend.

const asked = new URLSearchParams(location.search);
const range = { from: dateTime(asked.get('from')!), to: dateTime(asked.get('to')!), raw: { from: asked.get('from')!, to: asked.get('to')! } };

setVariables({ host: '10.29.0.3' });

async function send(path: string, body?: unknown) {
  const res = await fetch(path, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const data = await res.json();
  if (!res.ok) {
    throw { status: res.status, data };
  }
  return data;
}

const { datasource } = fakeDatasource();
datasource.getResource = ((path: string) => send('/resources/' + path)) as never;
datasource.postResource = ((path: string, body: unknown) => send('/resources/' + path, body)) as never;

function Page() {
  const [query, setQuery] = useState<WeirQuery>({ refId: 'A', ...JSON.parse(asked.get('query') ?? '{}') });
  const [answer, setAnswer] = useState('');
  const [options, setOptions] = useState({ url: 'https://weir.example.net:8474', jsonData: { tlsAuthWithCACert: true }, secureJsonFields: { token: true } } as never);
  const [data, setData] = useState<PanelData>();
  const run = () =>
    setTimeout(async () => {
      const res = await send('/query', datasource.applyTemplateVariables(latest.query, {})).catch((e) => e.data);
      setAnswer(JSON.stringify(res).slice(0, 4000));
      const series = (res.results?.A?.frames ?? []).map(dataFrameFromJSON).map((f: object) => ({ ...f, refId: 'A' }));
      setData({ state: LoadingState.Done, series, timeRange: range });
    });
  latest.query = query;
  return (
    <div style={{ padding: 16, width: 1100 }}>
      {asked.has('panels') ? (
        <Panels send={send} range={range} />
      ) : asked.has('config') ? (
        <ConfigEditor options={options} onOptionsChange={setOptions as never} />
      ) : (
        <QueryEditor datasource={datasource} query={query} onChange={setQuery} onRunQuery={run} range={range} data={data} />
      )}
      <pre id="query" style={below}>{JSON.stringify(query)}</pre>
      <pre id="answer" style={below}>{answer}</pre>
    </div>
  );
}

// What the test reads stands below what it takes pictures of.
const below = { position: 'absolute', top: 4000 } as const;
const latest = { query: { refId: 'A' } as WeirQuery };
const theme = createTheme({ colors: { mode: asked.has('light') ? 'light' : 'dark' } });

createRoot(document.getElementById('root')!).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
    <Page />
    <PortalContainer />
  </ThemeContext.Provider>
);
