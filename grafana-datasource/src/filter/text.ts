import { conjuncts } from './tokens';

/** What groups of records that lack the field are called. */
export const NONE = '(none)';

/** A value as a filter takes any value: in quotes, inside which only quotes and backslashes mean anything. */
export function quote(value: string): string {
  return '"' + value.replace(/[\\"]/g, '\\$&') + '"';
}

/** The condition that a field has a value; an empty one and NONE stand for records that lack the field. */
export function condition(key: string, value: string, not = false): string {
  if (value === '' || value === NONE) {
    return not ? `${key} : *` : `not ${key} : *`;
  }
  return `${not ? 'not ' : ''}${key} : ${quote(value)}`;
}

/** A filter with one more condition that must hold. */
export function withCondition(filter: string, more: string): string {
  const text = filter.trim();
  if (text === '' || text === '*') {
    return more;
  }
  return conjuncts(text) === null ? `(${text}) and ${more}` : `${text} and ${more}`;
}

/** Whether a condition is one of those that a filter consists of. */
export function hasCondition(filter: string, one: string): boolean {
  return conjuncts(filter)?.includes(one) ?? false;
}

/** A filter without one of its conditions. */
export function withoutCondition(filter: string, one: string): string {
  return (conjuncts(filter) ?? [filter]).filter((c) => c !== one).join(' and ');
}

/** Adds a condition, or takes it away where it is there; its opposite gives way. */
export function toggleCondition(filter: string, key: string, value: string, not: boolean): string {
  const wanted = condition(key, value, not);
  if (hasCondition(filter, wanted)) {
    return withoutCondition(filter, wanted);
  }
  return withCondition(withoutCondition(filter, condition(key, value, !not)), wanted);
}
