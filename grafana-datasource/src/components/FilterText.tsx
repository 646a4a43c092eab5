import { css, cx } from '@emotion/css';
import { GrafanaTheme2, TimeRange } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { DataSource } from '../datasource';
import { faultOf } from '../filter/check';
import { Completion } from '../types.generated';
import { FilterFault } from './FilterFault';
import { Highlight } from './Highlight';
import { useCompletion } from './useCompletion';
import { useLatest } from './useLatest';

interface Props {
  datasource: DataSource;
  value: string;
  sessions: boolean;
  range?: TimeRange;
  /** Told when the filter is to be asked with: by Enter, or when the field is left. */
  onCommit: (filter: string) => void;
}

/** A filter as text, with colors, completion and the place where it is wrong. */
export function FilterText({ datasource, value, sessions, range, onCommit }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number>(); // where it is to be once the text is there
  const [text, setText] = useState(value);
  const [chosen, setChosen] = useState(0);
  const { answer, ask, close } = useCompletion(datasource, sessions, range);
  const fault = useLatest(`${sessions} ${text}`, () => faultOf(datasource, text, sessions, (t) => datasource.interpolate(t)), 200);

  useEffect(() => setText(value), [value]);
  // Before the next key, which is written where the caret is.
  useLayoutEffect(() => {
    if (caret.current !== undefined) {
      area.current?.setSelectionRange(caret.current, caret.current);
      caret.current = undefined;
    }
  });
  useEffect(() => setChosen(0), [answer]);

  const change = (next: string, cursor: number) => {
    setText(next);
    ask(next, cursor);
  };

  const take = (option: Completion) => {
    // Who writes fast has written more of the word than the list is for.
    const at = area.current?.selectionStart ?? answer.to;
    const to = at > answer.to && !/\s/.test(text.slice(answer.to, at)) ? at : answer.to;
    const cursor = answer.from + option.insert.length;
    caret.current = cursor;
    change(text.slice(0, answer.from) + option.insert + text.slice(to).trimStart(), cursor);
  };

  const commit = () => {
    close();
    if (text.trim() !== value) {
      onCommit(text.trim());
    }
  };

  const onKeyDown = (e: KeyboardEvent<HTMLTextAreaElement>) => {
    const open = answer.options.length > 0;
    if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault();
      return open && !e.ctrlKey && !e.metaKey ? take(answer.options[chosen]) : commit();
    }
    if (e.key === ' ' && e.ctrlKey) {
      e.preventDefault();
      return ask(text, e.currentTarget.selectionStart);
    }
    if (!open) {
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      setChosen((chosen + step + answer.options.length) % answer.options.length);
    } else if (e.key === 'Tab') {
      e.preventDefault();
      take(answer.options[chosen]);
    } else if (e.key === 'Escape') {
      e.stopPropagation();
      close();
    }
  };

  return (
    <div className={styles.whole}>
      <div className={styles.box}>
        <Highlight text={text} fault={fault} className={cx(styles.text, styles.below)} />
        <textarea
          ref={area}
          className={cx(styles.text, styles.area)}
          aria-label="Filter"
          role="combobox"
          aria-expanded={answer.options.length > 0}
          aria-controls={id}
          aria-activedescendant={answer.options.length > 0 ? `${id}-${chosen}` : undefined}
          aria-invalid={fault !== undefined}
          spellCheck={false}
          autoComplete="off"
          rows={Math.max(1, text.split('\n').length)}
          placeholder='source.ip : 10.0.0.0/8 and destination.port : (22 or 3389)'
          value={text}
          onChange={(e) => change(e.target.value, e.target.selectionStart)}
          onClick={(e) => ask(text, e.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onBlur={commit}
        />
        {answer.options.length > 0 && (
          <ul className={styles.list} id={id} role="listbox" aria-label="Completions">
            {answer.options.map((o, i) => (
              <li
                key={o.label + i}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === chosen}
                className={cx(styles.option, i === chosen && styles.chosen)}
                title={o.doc}
                ref={i === chosen ? (li) => li?.scrollIntoView?.({ block: 'nearest' }) : undefined}
                onMouseDown={(e) => {
                  e.preventDefault(); // keeps the focus where it is
                  take(o);
                }}
              >
                <span>{o.label}</span>
                <span className={styles.detail}>{o.detail}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      {fault && <FilterFault fault={fault} />}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  whole: css({ flexGrow: 1, minWidth: 0 }),
  box: css({ position: 'relative' }),
  text: css({
    display: 'block',
    boxSizing: 'border-box',
    width: '100%',
    margin: 0,
    padding: theme.spacing(0.75, 1),
    border: `1px solid ${theme.components.input.borderColor}`,
    borderRadius: theme.shape.radius.default,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: '18px',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    overflow: 'hidden',
  }),
  below: css({ position: 'absolute', inset: 0, background: theme.components.input.background, color: theme.components.input.text }),
  area: css({
    position: 'relative',
    background: 'transparent',
    color: 'transparent',
    caretColor: theme.colors.text.maxContrast,
    resize: 'none',
    '&::placeholder': { color: theme.colors.text.disabled },
    '&:focus': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -1 },
  }),
  list: css({
    position: 'absolute',
    zIndex: theme.zIndex.dropdown,
    top: '100%',
    left: 0,
    minWidth: '50%',
    maxWidth: '100%',
    maxHeight: 240,
    overflowY: 'auto',
    margin: 0,
    padding: 0,
    listStyle: 'none',
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.medium}`,
    boxShadow: theme.shadows.z3,
  }),
  option: css({
    display: 'flex',
    justifyContent: 'space-between',
    gap: theme.spacing(2),
    padding: theme.spacing(0.25, 1),
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    cursor: 'pointer',
    '&:hover': { background: theme.colors.action.hover },
  }),
  chosen: css({ background: theme.colors.action.selected }),
  detail: css({ color: theme.colors.text.secondary }),
});
