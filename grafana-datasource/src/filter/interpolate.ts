import { ScopedVars } from '@grafana/data';
import { NONE, quote } from './text';

/** What Grafana's template service does: puts values in the place of variables. */
export type Replace = (text: string, scoped?: ScopedVars, format?: string | ((value: unknown) => string)) => string;

/** Macros, which the backend knows: so alert rules, of which no front end hears, have them, too. */
const macro = /\$__time(?:Filter|From|To)\b(?:\([^)]*\))?|\$__(?:interval_ms|rate_interval|interval|from|to|range_ms|range_s|range)\b|\$\{__(?:interval_ms|rate_interval|interval|from|to|range_ms|range_s|range)(?::[^}]*)?\}/;

/** Quotes that people put around a variable: its value comes with its own. */
const quoted = /"(\$\w+|\$\{\w+\}|\[\[\w+\]\])"/g;

/** Whether a text holds variables or macros, so that it is whole only with their values. */
export function hasVariables(text: string): boolean {
  return /\$\w|\$\{\w|\[\[\w/.test(text);
}

/**
 * The value of a variable as it stands in a filter behind a colon: quoted, several in parentheses. No value can be more than a value.
 * An empty one and a star alone are any value.
 */
export function filterValue(value: unknown): string {
  const list = (Array.isArray(value) ? value : [value]).map((v) => String(v ?? '')).filter((v) => v !== '' && v !== NONE);
  if (list.length === 0 || list.includes('*') || list.includes('$__all')) {
    return '*';
  }
  return list.length === 1 ? quote(list[0]) : `(${list.map(quote).join(' or ')})`;
}

/** A value outside filters: as it is; of several the first; "all" is none. */
export function plainValue(value: unknown): string {
  const first = Array.isArray(value) ? (value.length > 1 ? '' : value[0]) : value;
  return first === '*' || first === '$__all' || first === undefined || first === null ? '' : String(first);
}

/** A filter with the values of variables; macros are left to the backend. */
export function interpolateFilter(text: string, replace: Replace, scoped?: ScopedVars): string {
  let out = '';
  let rest = text.replace(quoted, (whole, variable) => (macro.test(variable) ? whole : variable));
  for (let found = macro.exec(rest); found; found = macro.exec(rest)) {
    out += replace(rest.slice(0, found.index), scoped, filterValue) + found[0];
    rest = rest.slice(found.index + found[0].length);
  }
  return out + replace(rest, scoped, filterValue);
}

/** A text that is no filter, with the values of variables. */
export function interpolateText(text: string, replace: Replace, scoped?: ScopedVars): string {
  return macro.test(text) ? text : replace(text, scoped, plainValue);
}

/** A list of texts; a variable with several values becomes several. */
export function interpolateList(list: string[], replace: Replace, scoped?: ScopedVars): string[] {
  return list.flatMap((text) => {
    if (!hasVariables(text)) {
      return [text];
    }
    const values: string[] = [];
    const whole = replace(text, scoped, (value) => {
      (Array.isArray(value) ? value : [value]).forEach((v) => values.push(String(v ?? '')));
      return String(value);
    });
    return (values.length > 1 ? values : [whole]).filter((v) => v !== '' && v !== '*' && v !== '$__all');
  });
}

/** A filter whose macros have some value, to see whether it is right. */
export function sampled(text: string): string {
  return text
    .replace(/\$__timeFilter\b(?:\([^)]*\))?/g, '@timestamp : *')
    .replace(/\$__time(?:From|To)\b(?:\(\s*\))?/g, '"2026-01-01T00:00:00Z"')
    .replace(/\$\{__(?:from|to):date(?::iso)?\}/g, '2026-01-01T00:00:00Z')
    .replace(new RegExp(macro, 'g'), '1');
}
