import { DataFrame, dateTimeFormat, PanelData } from '@grafana/data';

/** What was known to be missing, as the backend tells it. */
interface Lost {
  gaps: number;
  kernel_drops: number;
  dropped: number;
}

/** What the backend says of an answer besides its data: meta.custom of the first frame. */
export interface AnswerMeta {
  from: string;
  to: string;
  interval?: string;
  exactness?: string;
  loss?: Lost & { in_range?: Lost };
}

/** What an editor tells of the answer to its query. */
export interface Told {
  summary: string;
  /** The question as it was put to the collector. */
  asked: string;
  /** Whether something is missing. */
  missing: boolean;
}

/** What is told of the answer to a query; undefined while there is none. */
export function toldOf(data: PanelData | undefined, refId: string): Told | undefined {
  const frame = data?.series.find((f: DataFrame) => f.refId === refId && f.meta?.executedQueryString);
  const meta = frame?.meta?.custom as AnswerMeta | undefined;
  if (!frame || !meta?.from) {
    return undefined;
  }
  const lost = meta.loss && lostText(meta.loss);
  const parts = [
    meta.exactness,
    `${dateTimeFormat(meta.from)} to ${dateTimeFormat(meta.to)}`,
    meta.interval && `every ${meta.interval}`,
    meta.loss && (lost || 'nothing is known to be missing'),
  ];
  return { summary: parts.filter(Boolean).join(', '), asked: frame.meta?.executedQueryString ?? '', missing: Boolean(lost) };
}

/** What is missing from the answer in words; '' where nothing is. Collectors that do not know when they lost something tell what it is in all. */
function lostText(loss: NonNullable<AnswerMeta['loss']>): string {
  const l = loss.in_range ?? loss;
  const parts = [l.gaps && `${l.gaps} lost on the way`, l.kernel_drops && `${l.kernel_drops} dropped by the kernel`, l.dropped && `${l.dropped} dropped by the collector`].filter(Boolean);
  return parts.length ? `${parts.join(', ')}${loss.in_range ? '' : ' in all'}` : '';
}
