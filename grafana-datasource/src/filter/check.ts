import { ParseFailure } from '../types.generated';
import { hasVariables, sampled } from './interpolate';
import { FilterService } from './rows';

/** What is wrong with a filter as it is written; undefined where nothing is. */
export interface Fault extends ParseFailure {
  /** Where the place in question begins in the text, in UTF-16 units; absent where variables hide it. */
  at?: number;
}

/** Asks whether a filter is right, with the values that its variables have now. */
export async function faultOf(service: FilterService, filter: string, sessions: boolean, interpolate: (text: string) => string): Promise<Fault | undefined> {
  const whole = sampled(interpolate(filter));
  const answer = await service.parse(whole, sessions);
  if (answer.ok || !answer.error) {
    return undefined;
  }
  const at = unitsBefore(whole, answer.error.column);
  const shown = !hasVariables(filter) || whole.slice(0, at) === filter.slice(0, at);
  return { ...answer.error, at: shown ? at : undefined };
}

/** How many UTF-16 units stand before a column, which counts characters from 1. */
export function unitsBefore(text: string, column: number): number {
  return Array.from(text)
    .slice(0, Math.max(0, column - 1))
    .join('').length;
}
