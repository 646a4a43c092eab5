import { QueryEditorHelpProps } from '@grafana/data';
import { Button } from '@grafana/ui';
import { WeirQuery } from '../types';

interface Example {
  title: string;
  query: Omit<WeirQuery, 'refId'>;
}

/** Questions that can be asked by a click. */
export const examples: Example[] = [
  { title: 'Bandwidth by application', query: { queryType: 'series', measure: 'bps', by: ['network.application'], limit: 8 } },
  { title: 'Hosts that send most', query: { queryType: 'top', measure: 'bytes', by: ['source.ip'], more: ['packets', 'flows'], percent: true } },
  { title: 'Who contacts the most hosts', query: { queryType: 'top', measure: 'distinct(destination.ip)', by: ['source.ip'] } },
  { title: 'What came in from outside on remote access ports', query: { queryType: 'sessions', filter: 'network.direction : inbound and server.port : (22 or 3389 or 5900)', filterMode: 'text' } },
  { title: 'Grave alerts, as they come', query: { queryType: 'alerts', minSeverity: 60, live: true } },
  { title: 'Who talks to whom', query: { queryType: 'graph', limit: 50 } },
];

const language: Array<[string, string]> = [
  ['source.ip : 10.0.0.0/8', 'an address or a prefix'],
  ['related.ip : 192.0.2.1', 'either side'],
  ['destination.port : (22 or 3389)', 'one of several values'],
  ['network.bytes >= 1000000', 'at least; also >, <, <='],
  ['network.application : ms*', '* stands for any characters'],
  ['network.application : "ms teams"', 'quotes for spaces and signs'],
  ['source.geo.country_iso_code : *', 'the field is there'],
  ['not destination.port : 53', 'also what lacks the field'],
  ['a : 1 and (b : 2 or c : 3)', 'not before and before or'],
  ['source.ip : $host', 'a variable: one value, several, or all'],
];

/** What is shown beside an empty query in Explore: the language in short and questions to begin with. */
export function Help({ onClickExample, datasource }: QueryEditorHelpProps<WeirQuery>) {
  return (
    <div>
      <h2>Questions to begin with</h2>
      {examples.map((e) => (
        <Button key={e.title} variant="secondary" size="sm" style={{ margin: '0 8px 8px 0' }} onClick={() => onClickExample({ refId: 'A', datasource: datasource.getRef(), ...e.query })}>
          {e.title}
        </Button>
      ))}
      <h2>Filters</h2>
      <table>
        <tbody>
          {language.map(([filter, meaning]) => (
            <tr key={filter}>
              <td style={{ paddingRight: 24 }}>
                <code>{filter}</code>
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>Completion: write, or press Ctrl+Space. Enter takes what is marked; Enter with nothing marked asks.</p>
    </div>
  );
}
