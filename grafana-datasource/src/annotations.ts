import { AnnotationSupport } from '@grafana/data';
import { WeirQuery } from './types';

/** Annotations are alerts, each from its start to its end. */
export const annotations: AnnotationSupport<WeirQuery> = {
  getDefaultQuery: () => ({ queryType: 'alerts', format: 'annotations', minSeverity: 60 }),
  prepareQuery: (annotation) => ({
    ...(annotation.target ?? { minSeverity: 60 }),
    refId: annotation.target?.refId || 'Anno',
    queryType: 'alerts',
    format: 'annotations',
    live: undefined,
  }),
};
