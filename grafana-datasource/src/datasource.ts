import {
  AdHocVariableFilter,
  AnnotationSupport,
  CoreApp,
  DataSourceGetTagKeysOptions,
  DataSourceGetTagValuesOptions,
  DataSourceInstanceSettings,
  DataSourceWithQueryModificationSupport,
  DataSourceWithToggleableQueryFiltersSupport,
  LegacyMetricFindQueryOptions,
  MetricFindValue,
  QueryFilterOptions,
  QueryFixAction,
  ScopedVars,
  TimeRange,
  ToggleFilterAction,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { asModification, hasFilter, toggled } from './filter/actions';
import { FilterService } from './filter/rows';
import { interpolateFilter, interpolateList, interpolateText, Replace } from './filter/interpolate';
import { describe } from './describe';
import { annotations } from './annotations';
import { defaultQuery, onSessions, takesFilter, WeirOptions, WeirQuery, WeirVariableQuery } from './types';
import { AdhocFilter, BuildRequest, CompleteAnswer, CompleteRequest, FieldInfo, ParseAnswer, ParseRequest, TimeSpan, TranslateAnswer, TranslateRequest, VariableQuery, VariableValue } from './types.generated';
import { Variables } from './variables';

/** The front end's side of the data source: what needs Grafana's variables, and what editors ask the backend. */
export class DataSource
  extends DataSourceWithBackend<WeirQuery, WeirOptions>
  implements FilterService, DataSourceWithQueryModificationSupport<WeirQuery>, DataSourceWithToggleableQueryFiltersSupport<WeirQuery>
{
  annotations: AnnotationSupport<WeirQuery> = annotations;
  private known?: Promise<FieldInfo[]>;

  constructor(settings: DataSourceInstanceSettings<WeirOptions>) {
    super(settings);
    this.variables = new Variables(this);
  }

  getDefaultQuery(_app: CoreApp): Partial<WeirQuery> {
    return defaultQuery;
  }

  getQueryDisplayText(query: WeirQuery): string {
    return describe(query);
  }

  filterQuery(query: WeirQuery): boolean {
    return !query.hide && query.measure !== 'distinct()';
  }

  /** Puts the values of variables into a query; ad-hoc filters go beside its filter, and the backend joins them. */
  applyTemplateVariables(query: WeirQuery, scoped: ScopedVars, filters?: AdHocVariableFilter[]): WeirQuery {
    const text = (t?: string) => t && interpolateText(t, replace, scoped);
    const list = (l?: string[]) => l && interpolateList(l, replace, scoped);
    const adhoc = takesFilter(query.queryType ?? 'series') ? [...(query.adhoc ?? []), ...(filters ?? []).map(asCondition)] : undefined;
    const { filterMode, ...rest } = query;
    return {
      ...rest,
      filter: query.filter && interpolateFilter(query.filter, replace, scoped),
      adhoc: adhoc?.length ? adhoc : undefined,
      by: list(query.by),
      fields: list(query.fields),
      detectors: list(query.detectors),
      states: list(query.states),
      measure: text(query.measure),
      interval: text(query.interval),
      minInterval: text(query.minInterval),
      zone: text(query.zone),
      compare: text(query.compare),
      host: text(query.host),
      exporter: text(query.exporter),
      name: text(query.name),
    };
  }

  /** A filter with the values that variables have now. */
  interpolate(filter: string, scoped?: ScopedVars): string {
    return interpolateFilter(filter, replace, scoped);
  }

  /** The names of the dashboard's variables. */
  variableNames(): string[] {
    return getTemplateSrv()
      .getVariables()
      .filter((v) => v.type !== 'adhoc' && v.type !== 'datasource')
      .map((v) => '$' + v.name);
  }

  /** The fields of the filter language. */
  fields(): Promise<FieldInfo[]> {
    this.known ??= this.getResource<FieldInfo[]>('fields').catch((err) => {
      this.known = undefined;
      throw err;
    });
    return this.known;
  }

  parse(filter: string, sessions: boolean): Promise<ParseAnswer> {
    return this.ask<ParseRequest, ParseAnswer>('parse', { filter, sessions });
  }

  build(conditions: AdhocFilter[], sessions: boolean): Promise<ParseAnswer> {
    return this.ask<BuildRequest, ParseAnswer>('build', { conditions, sessions });
  }

  complete(request: CompleteRequest): Promise<CompleteAnswer> {
    return this.ask('complete', request);
  }

  translate(filter: string, to: string, sessions: boolean): Promise<TranslateAnswer> {
    return this.ask<TranslateRequest, TranslateAnswer>('translate', { filter, to, sessions });
  }

  /** The values of a template variable, with the values of those that it depends on. */
  values(query: VariableQuery, range?: TimeRange, scoped?: ScopedVars): Promise<VariableValue[]> {
    const text = (t?: string) => t && interpolateText(t, replace, scoped);
    return this.ask<VariableQuery, VariableValue[]>('variable', {
      ...query,
      field: text(query.field),
      exporter: text(query.exporter),
      filter: query.filter && interpolateFilter(query.filter, replace, scoped),
      range: spanOf(range),
    });
  }

  /** Variables that are written as a text: the name of the field. */
  async metricFindQuery(query: string | WeirVariableQuery, options?: LegacyMetricFindQueryOptions): Promise<MetricFindValue[]> {
    const asked: VariableQuery = typeof query === 'string' ? { kind: 'values', field: query.trim() } : query;
    return this.values(asked, options?.range, options?.scopedVars);
  }

  async getTagKeys(options?: DataSourceGetTagKeysOptions<WeirQuery>): Promise<MetricFindValue[]> {
    const sessions = options?.queries?.length ? options.queries.every(onSessions) : false;
    return (await this.fields()).filter((f) => (sessions ? f.session : f.record)).map((f) => ({ text: f.name, value: f.name }));
  }

  /** The values of a key among the records that the other ad-hoc filters leave. */
  async getTagValues(options: DataSourceGetTagValuesOptions): Promise<MetricFindValue[]> {
    const field = (await this.fields()).find((f) => f.name === options.key);
    if (field?.values?.length) {
      return field.values.map((v) => ({ text: v, value: v }));
    }
    const sessions = field !== undefined && !field.record;
    const others = (options.filters ?? []).filter((f) => f.key !== options.key).map(asCondition);
    const filter = others.length ? (await this.build(others, sessions).catch(() => undefined))?.canonical : undefined;
    return this.values({ kind: 'values', field: options.key, filter, sessions }, options.timeRange);
  }

  modifyQuery(query: WeirQuery, action: QueryFixAction): WeirQuery {
    return asModification(query, action);
  }

  getSupportedQueryModifications(): string[] {
    return ['ADD_FILTER', 'ADD_FILTER_OUT'];
  }

  toggleQueryFilter(query: WeirQuery, filter: ToggleFilterAction): WeirQuery {
    return toggled(query, filter.options.key, filter.options.value, filter.type === 'FILTER_OUT');
  }

  queryHasFilter(query: WeirQuery, filter: QueryFilterOptions): boolean {
    return hasFilter(query, filter.key, filter.value);
  }

  private ask<Q, A>(path: string, request: Q): Promise<A> {
    return this.postResource<A>(path, request, { showErrorAlert: false });
  }
}

const replace: Replace = (text, scoped, format) => getTemplateSrv().replace(text, scoped, format);

/** An ad-hoc filter as the backend takes it; Grafana 11.3 and later have several values in one. */
function asCondition(f: AdHocVariableFilter & { values?: string[] }): AdhocFilter {
  return { key: f.key, operator: f.operator, value: f.value, ...(f.values?.length ? { values: f.values } : {}) };
}

function spanOf(range?: TimeRange): TimeSpan | undefined {
  return range && { from: String(range.from.valueOf()), to: String(range.to.valueOf()) };
}
