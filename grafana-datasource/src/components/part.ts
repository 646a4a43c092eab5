import { WeirQuery } from '../types';
import { FieldInfo, QueryType } from '../types.generated';

/** What each part of the query editor gets. */
export interface Part {
  query: WeirQuery & { queryType: QueryType };
  /** Changes the query and asks it. */
  set: (change: Partial<WeirQuery>) => void;
  fields: FieldInfo[];
}
