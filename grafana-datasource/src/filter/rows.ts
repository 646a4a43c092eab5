import { AdhocFilter, ParseAnswer } from '../types.generated';
import { hasVariables } from './interpolate';
import { conjuncts } from './tokens';

/** What is asked to make rows of a filter and a filter of rows: the data source. */
export interface FilterService {
  parse(filter: string, sessions: boolean): Promise<ParseAnswer>;
  build(conditions: AdhocFilter[], sessions: boolean): Promise<ParseAnswer>;
}

const variableRow = /^(not\s+)?([\w.@]+)\s*:\s*(\$\w+|\$\{[^}]+\}|\[\[[^\]]+\]\])$/;

/** The rows that a filter consists of; null where it says more than rows can. Conditions on variables stay such. */
export async function rowsOf(service: FilterService, filter: string, sessions: boolean): Promise<AdhocFilter[] | null> {
  if (filter.trim() === '' || filter.trim() === '*') {
    return [];
  }
  if (!hasVariables(filter)) {
    return (await service.parse(filter, sessions)).conditions;
  }
  const parts = conjuncts(filter);
  if (!parts) {
    return null;
  }
  const rows: AdhocFilter[] = [];
  for (const part of parts) {
    const found = variableRow.exec(part);
    if (found) {
      rows.push({ key: found[2], operator: found[1] ? '!=' : '=', value: found[3] });
      continue;
    }
    const more = hasVariables(part) ? null : (await service.parse(part, sessions)).conditions;
    if (!more) {
      return null;
    }
    rows.push(...more);
  }
  return rows;
}

/** The filter that rows mean. Errors say which row is wrong and why. */
export async function filterOf(service: FilterService, given: AdhocFilter[], sessions: boolean): Promise<string> {
  const rows = given.map(single);
  if (!rows.some(isVariable)) {
    return rows.length === 0 ? '' : (await service.build(rows, sessions)).canonical;
  }
  const parts = await Promise.all(
    rows.map(async (row) => {
      if (isVariable(row)) {
        return `${row.operator.startsWith('!') ? 'not ' : ''}${row.key} : ${row.value}`;
      }
      const text = (await service.build([row], sessions)).canonical;
      return conjuncts(text) ? text : `(${text})`;
    })
  );
  return parts.join(' and ');
}

/** A row with one value in a list, as one with a value. */
function single(row: AdhocFilter): AdhocFilter {
  return row.values?.length === 1 && row.operator.endsWith('|') ? { key: row.key, operator: row.operator.slice(0, -1), value: row.values[0] } : row;
}

function isVariable(row: AdhocFilter): boolean {
  return /^(\$\w+|\$\{[^}]+\}|\[\[[^\]]+\]\])$/.test(row.value) && (row.operator === '=' || row.operator === '!=');
}

/** Whether a row has all that a condition needs. */
export function isWhole(row: AdhocFilter): boolean {
  return row.key !== '' && (row.operator.endsWith('exists') || row.value !== '' || (row.values?.length ?? 0) > 0);
}
