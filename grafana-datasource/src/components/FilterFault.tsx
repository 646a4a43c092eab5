import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { Fault } from '../filter/check';

/** What is wrong with a filter, where, and what may have been meant. */
export function FilterFault({ fault }: { fault: Fault }) {
  const style = useStyles2(getStyle);
  const place = fault.at === undefined ? '' : `Column ${fault.column}: `;
  return (
    <div role="alert" className={style}>
      {place}
      {fault.text}
      {fault.suggestion ? `; did you mean ${fault.suggestion}?` : ''}
    </div>
  );
}

const getStyle = (theme: GrafanaTheme2) => css({ color: theme.colors.error.text, fontSize: theme.typography.bodySmall.fontSize, marginTop: theme.spacing(0.5) });
