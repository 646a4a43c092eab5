import { QueryFixAction } from '@grafana/data';
import { takesFilter, WeirQuery } from '../types';
import { condition, hasCondition, toggleCondition, withCondition } from './text';

/** The condition on a value that was clicked, added to a query or taken from it. Alerts are not filtered by fields but by these lists. */
export function toggled(query: WeirQuery, key: string, value: string, not: boolean): WeirQuery {
  if (takesFilter(query.queryType ?? 'series')) {
    return { ...query, filter: toggleCondition(query.filter ?? '', key, value, not) };
  }
  if (query.queryType !== 'alerts' || not) {
    return query;
  }
  switch (key) {
    case 'detector':
      return { ...query, detectors: toggledIn(query.detectors, value) };
    case 'state':
      return { ...query, states: toggledIn(query.states, value) };
    case 'actor':
    case 'victim':
    case 'host':
      return { ...query, host: query.host === value ? undefined : value };
  }
  return query;
}

function toggledIn(list: string[] | undefined, value: string): string[] | undefined {
  const rest = (list ?? []).filter((v) => v !== value);
  const next = rest.length === (list ?? []).length ? [...rest, value] : rest;
  return next.length ? next : undefined;
}

/** Whether a query has the condition that a value's menu would add. */
export function hasFilter(query: WeirQuery, key: string, value: string): boolean {
  if (takesFilter(query.queryType ?? 'series')) {
    return hasCondition(query.filter ?? '', condition(key, value));
  }
  const lists: Record<string, string[] | undefined> = { detector: query.detectors, state: query.states };
  return lists[key]?.includes(value) ?? (['actor', 'victim', 'host'].includes(key) && query.host === value);
}

/** What Explore's buttons beside a value do. */
export function asModification(query: WeirQuery, action: QueryFixAction): WeirQuery {
  const { key, value } = action.options ?? {};
  if (!key || value === undefined || (action.type !== 'ADD_FILTER' && action.type !== 'ADD_FILTER_OUT')) {
    return query;
  }
  const not = action.type === 'ADD_FILTER_OUT';
  if (!takesFilter(query.queryType ?? 'series')) {
    return hasFilter(query, key, value) ? query : toggled(query, key, value, not);
  }
  const wanted = condition(key, value, not);
  const filter = query.filter ?? '';
  return hasCondition(filter, wanted) ? query : { ...query, filter: withCondition(filter, wanted) };
}
