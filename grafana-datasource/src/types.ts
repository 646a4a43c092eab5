import { DataSourceJsonData } from '@grafana/data';
import { DataQuery } from '@grafana/schema';
import { Query, QueryType, VariableQuery } from './types.generated';

/** How the filter of a query is edited: as rows of conditions, or as text. The filter itself is always a text. */
export type FilterMode = 'builder' | 'text';

/** A query as dashboards store it. */
export interface WeirQuery extends Query, DataQuery {
  queryType?: QueryType;
  hide?: boolean;
  filterMode?: FilterMode;
}

/** The query of a template variable as dashboards store it. */
export interface WeirVariableQuery extends VariableQuery, DataQuery {}

/** What is configured of a data source; the first group is what Grafana's own HTTP client reads. */
export interface WeirOptions extends DataSourceJsonData {
  timeout?: number;
  tlsAuth?: boolean;
  tlsAuthWithCACert?: boolean;
  tlsSkipVerify?: boolean;
  serverName?: string;

  /** What answers: Weir's collector, or Elasticsearch or OpenSearch. */
  backend?: 'collector' | 'elasticsearch';
  /** Of the data streams in Elasticsearch. */
  namespace?: string;
  /** The shortest bucket of series that follow the panel's width. */
  timeInterval?: string;
  /** For how long an answer about a range that ends now is used again. */
  shareSeconds?: number;
  /** How many questions are put to the collector at a time. */
  concurrent?: number;
  /** Whether menus hold links to public services. */
  publicLinks?: boolean;
}

/** What is configured and never comes back to a browser. */
export interface WeirSecrets {
  token?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
}

export const defaultQuery: Partial<WeirQuery> = { queryType: 'series', measure: 'bps' };

/** Types whose questions take a filter. */
export function takesFilter(type: QueryType): boolean {
  return type === 'series' || type === 'top' || type === 'records' || type === 'sessions' || type === 'graph';
}

/** Whether the filter of a query is one on sessions. */
export function onSessions(query: Pick<WeirQuery, 'queryType' | 'measure'>): boolean {
  return query.queryType === 'sessions' || (query.queryType !== 'records' && query.measure === 'sessions');
}
