import { WeirQuery } from './types';

/** A query in a line, for rows that are folded and the history of Explore. */
export function describe(query: WeirQuery): string {
  const type = query.queryType ?? 'series';
  const parts: string[] = [typeNames[type]];
  if (type === 'series' || type === 'top' || type === 'graph') {
    parts.push(query.measure || (type === 'series' ? 'bps' : 'bytes'));
  }
  if (query.by?.length) {
    parts.push('by ' + query.by.join(', '));
  }
  for (const text of [query.filter, query.host, query.detectors?.join(', '), query.exporter, query.name]) {
    if (text) {
      parts.push(text);
    }
  }
  return parts.join(' · ');
}

/** What the types of queries are called. */
export const typeNames = {
  series: 'Time series',
  top: 'Top list',
  records: 'Records',
  sessions: 'Sessions',
  alerts: 'Alerts',
  graph: 'Who talks to whom',
  interfaces: 'Interfaces',
  exporters: 'Exporters',
};
