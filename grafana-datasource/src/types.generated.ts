// Generated from pkg/model/query.go and resource.go: go test ./grafana-datasource/pkg/model -run Docs -update

export type QueryType = 'series' | 'top' | 'records' | 'sessions' | 'alerts' | 'graph' | 'interfaces' | 'exporters';

export type Format = 'wide' | 'multi' | 'table' | 'logs' | 'annotations' | 'count' | 'points' | 'numeric';

/** The shapes that a type of query has, its own first. */
export const formats: Record<QueryType, Format[]> = {
  series: ['wide', 'multi', 'table'],
  top: ['table'],
  records: ['table'],
  sessions: ['table'],
  alerts: ['table', 'logs', 'annotations', 'count', 'wide'],
  graph: ['table'],
  interfaces: ['table', 'points', 'numeric'],
  exporters: ['table', 'numeric'],
};

/** The numbers of an interface that the format numeric may be about. */
export const interfaceValues = ['bps', 'share', 'errors', 'discards', 'flow_bps', 'peak_bps', 'p95_bps', 'peak_share', 'difference'] as const;

/** The numbers of an interface that the format points may be about. */
export const pointValues = ['bps', 'share', 'pps', 'errors', 'discards', 'flow_bps'] as const;

/** The numbers of an exporter that the format numeric may be about. */
export const exporterValues = ['silent_seconds', 'records', 'gaps', 'dropped', 'refused', 'waiting_sets', 'clock_offset_seconds'] as const;

/** AdhocFilter is a condition made by clicking: of a dashboard's ad-hoc filters or of a value in a table. */
export interface AdhocFilter {
  key: string;
  /**
   * Operator is =, !=, <, >, <=, >=, =| (one of values), !=| (none of values), =~ or !~ (* stands for any text),
   * exists or !exists.
   */
  operator: string;
  value: string;
  values?: string[];
}

/**
 * Query is a query as Grafana stores it in dashboards, alert rules and annotations. Every member may be missing. What Grafana adds itself
 * (refId, datasource, key, intervalMs, maxDataPoints) is not in it.
 *
 * Macros stand in the texts filter, interval, minInterval, host, exporter and name: $__interval, $__interval_ms, $__from, $__to,
 * $__range, $__range_s, $__range_ms, also in braces (${__from}); ${__from:date:iso}, ${__from:date:seconds} and the same of __to. As users of
 * other data sources know them: $__rate_interval, $__timeFrom, $__timeTo, $__timeFilter(FIELD).
 */
export interface Query {
  /** QueryType is what is asked for; "" is series. */
  queryType?: QueryType;
  /** Format is the shape of the answer; "" is the type's own. */
  format?: Format;
  /** Filter is in Weir's filter language: docs/filter.md. Of sessions (and the measure sessions) it is one on sessions. */
  filter?: string;
  /** Adhoc are further conditions, all of which must hold: the dashboard's ad-hoc filters. */
  adhoc?: AdhocFilter[];
  /**
   * By are the fields of groups (series, top), or the field of one side that nodes are values of (graph; "source.ip"). Of alerts
   * (count, wide) it is what they are counted by: severity_label, detector, state, exporter.
   */
  by?: string[];
  /** Measure is bytes, packets, flows, sessions, bps, pps or distinct(FIELD). "" is bps in a series and bytes elsewhere. */
  measure?: string;
  /** More are further measures, each a column: bytes, packets, flows, bps, pps. */
  more?: string[];
  /** Limit is how many groups, records, sessions, edges, interfaces or alerts are told; 0 is the collector's own limit. */
  limit?: number;
  /** Offset is how many records or sessions are skipped. */
  offset?: number;
  /** Interval is the length of a bucket (1m, 1d). "" or auto follows the panel's width. */
  interval?: string;
  /** MinInterval is the shortest bucket where the interval follows the panel. */
  minInterval?: string;
  /** Zone is the time zone in which days and weeks are cut, such as Europe/Berlin; "" is UTC. */
  zone?: string;
  /** Fill is what a series has for a bucket without records: zero (which "" is), null or none. */
  fill?: string;
  /** Compare adds the same so much earlier, and the change (1d, 1w). */
  compare?: string;
  /** Percentile of the buckets' sums or rates instead of the total, of a top list; needs interval. */
  percentile?: number;
  /** Both asks what went out of and came into what by and filter name. */
  both?: boolean;
  /** Spread lays bytes and packets over the duration of each record. */
  spread?: boolean;
  /** AllCopies counts other exporters' copies of a record, too. */
  allCopies?: boolean;
  /** Invalid asks for the records that were set aside alone. */
  invalid?: boolean;
  /** Percent adds each row's share of the total to a top list, and turns a series into shares of each bucket's total. */
  percent?: boolean;
  /** Fields are the columns of records and sessions, in this order; none are a choice of the plugin's, "*" is every field that occurs. */
  fields?: string[];
  /** Host is an address whose alerts are wanted. */
  host?: string;
  /** MinSeverity leaves out alerts below it (0 to 100; low begins at 20, medium at 40, high at 60, critical at 80). */
  minSeverity?: number;
  /** Detectors are the names of detectors whose alerts are wanted; * stands for any text (dos.*). */
  detectors?: string[];
  /** States are the states of alerts that are wanted: active, clearing, watching, ended. */
  states?: string[];
  /** Live has changes of alerts streamed into the panel as they come (table, logs). */
  live?: boolean;
  /** Exporter is the address of an exporter (interfaces, exporters). */
  exporter?: string;
  /** Kind is interface (which "" is), vlan or processor (interfaces). */
  kind?: string;
  /** Name is the name or alias of an interface; * stands for any text. */
  name?: string;
  /** Value is the number that numeric and points are about: [InterfaceValues], [ExporterValues]. */
  value?: string;
  /** Hide marks a query that is switched off. */
  hide?: boolean;
}

/** FieldInfo is a field of the filter language, as the resource fields tells it. */
export interface FieldInfo {
  name: string;
  /** as columns are headed */
  title: string;
  /** Type is unsigned, integer, float, ip, mac, keyword, time or object (of which only the presence can be asked for). */
  type: string;
  unit?: string;
  doc: string;
  example?: string;
  /** all that there are, where they are few */
  values?: string[];
  /** may hold several values */
  list?: boolean;
  /** Record and Session say whether records and sessions have the field. */
  record: boolean;
  session: boolean;
  /** Operators are those of [AdhocFilter] that the field takes. */
  operators: string[];
}

/** TimeSpan is a time range as requests have it: RFC 3339, or milliseconds since 1970 as text. Without it the last 24 hours are meant. */
export interface TimeSpan {
  from?: string;
  to?: string;
}

/**
 * VariableQuery asks for the values of a template variable: POST variable, answered with a list of [VariableValue]. It is the query of a
 * variable as dashboards store it.
 */
export interface VariableQuery {
  /** Kind is values (of a field; which "" is), fields, exporters, interfaces or detectors. */
  kind?: string;
  /** Field is the field whose values are wanted; those of sessions where sessions is set. */
  field?: string;
  filter?: string;
  prefix?: string;
  /** whose interfaces are wanted */
  exporter?: string;
  sessions?: boolean;
  limit?: number;
  range?: TimeSpan;
}

/** VariableValue is a value of a template variable. */
export interface VariableValue {
  text: string;
  value: string;
}

/** CompleteRequest asks how a filter that is being written may go on at the cursor: POST complete. */
export interface CompleteRequest {
  text: string;
  /** Cursor is how many characters (UTF-16 units, as browsers count) stand before it. */
  cursor: number;
  sessions?: boolean;
  range?: TimeSpan;
}

/** CompleteAnswer is what may stand at the cursor instead of the characters from From until To. */
export interface CompleteAnswer {
  from: number;
  to: number;
  /** field, operator, value or keyword */
  kind: string;
  field?: string;
  options: Completion[];
}

/** Completion is one way to go on. */
export interface Completion {
  label: string;
  /** in the filter language, quoted where need be */
  insert: string;
  /** a type, or how often a value occurs */
  detail?: string;
  doc?: string;
}

/** ParseRequest asks whether a filter is right: POST parse. */
export interface ParseRequest {
  filter: string;
  sessions?: boolean;
}

/** ParseAnswer is what a filter is. */
export interface ParseAnswer {
  ok: boolean;
  canonical: string;
  error?: ParseFailure;
  /**
   * Conditions are what a builder shows of the filter, all of which must hold; null where it says more than a builder can. BuildRequest
   * makes a filter of them again that means the same.
   */
  conditions: AdhocFilter[] | null;
}

/** ParseFailure says where a filter is wrong. */
export interface ParseFailure {
  /** of the first character in question, from 1 */
  column: number;
  text: string;
  suggestion?: string;
}

/** BuildRequest asks for the filter of a builder's conditions: POST build. The answer is a ParseAnswer. */
export interface BuildRequest {
  conditions: AdhocFilter[];
  sessions?: boolean;
}

/** TranslateRequest asks for a filter in another tool's language: POST translate. */
export interface TranslateRequest {
  filter: string;
  /** kql, elastic or spl */
  to: string;
  sessions?: boolean;
}

/** TranslateAnswer is a filter in another tool's language. */
export interface TranslateAnswer {
  text: string;
}

/** PivotRequest asks for links into other tools of an address, a port, an AS or an alert's id: POST pivots. GET pivots lists the templates. */
export interface PivotRequest {
  subject: string;
  range?: TimeSpan;
}

/** Failure is the answer to a request that is wrong, with the status 400, or cannot be answered. */
export interface Failure {
  message: string;
}
