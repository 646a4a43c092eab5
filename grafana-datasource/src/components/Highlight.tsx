import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { Fault } from '../filter/check';
import { Token, TokenKind, tokens } from '../filter/tokens';

/** A filter in colors; what is wrong is underlined. Screen readers have the text from the field above it. */
export function Highlight({ text, fault, className }: { text: string; fault?: Fault; className: string }) {
  const styles = useStyles2(getStyles);
  const at = fault?.at;
  return (
    <pre className={className} aria-hidden data-testid="highlight">
      {tokens(text).map((t, i) => (
        <span key={i} data-kind={t.kind} data-fault={isAt(t, at, text) || undefined} className={styles[t.kind]} style={isAt(t, at, text) ? wavy : undefined}>
          {t.text}
        </span>
      ))}
      {at !== undefined && at >= text.length ? <span data-fault style={wavy}>&nbsp;</span> : ' '}
    </pre>
  );
}

const wavy = { textDecoration: 'underline wavy #e02f44', textDecorationSkipInk: 'none' } as const;

/** Whether what is wrong begins in a token. */
function isAt(t: Token, at: number | undefined, text: string): boolean {
  return at !== undefined && at < text.length && t.at <= at && at < t.at + t.text.length;
}

const getStyles = (theme: GrafanaTheme2): Record<TokenKind, string> => {
  const color = (name: string) => css({ color: theme.visualization.getColorByName(name) });
  const dark = theme.isDark;
  return {
    field: color(dark ? 'light-blue' : 'dark-blue'),
    operator: css({ color: theme.colors.text.secondary }),
    value: color(dark ? 'light-green' : 'dark-green'),
    string: color(dark ? 'light-orange' : 'dark-orange'),
    keyword: color(dark ? 'light-purple' : 'dark-purple'),
    variable: color(dark ? 'light-yellow' : 'dark-red'),
    paren: css({ color: theme.colors.text.secondary }),
    space: css({}),
    other: css({ color: theme.colors.text.primary }),
  };
};
