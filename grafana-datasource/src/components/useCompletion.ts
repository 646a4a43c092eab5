import { TimeRange } from '@grafana/data';
import { useEffect, useRef, useState } from 'react';
import { DataSource } from '../datasource';
import { CompleteAnswer, Completion } from '../types.generated';

/** How long the keyboard must rest before the backend is asked, in milliseconds. */
const REST = 120;

const none: CompleteAnswer = { from: 0, to: 0, kind: '', options: [] };

/** How a filter may go on at the cursor; variables come first where a value may stand. */
export function useCompletion(datasource: DataSource, sessions: boolean, range?: TimeRange) {
  const [answer, setAnswer] = useState<CompleteAnswer>(none);
  const turn = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>();

  const close = () => {
    turn.current++;
    clearTimeout(timer.current);
    setAnswer(none);
  };

  const ask = (text: string, cursor: number) => {
    clearTimeout(timer.current);
    const mine = ++turn.current;
    timer.current = setTimeout(async () => {
      const span = range && { from: String(range.from.valueOf()), to: String(range.to.valueOf()) };
      try {
        const found = await datasource.complete({ text, cursor, sessions, range: span });
        if (mine === turn.current) {
          setAnswer({ ...found, options: [...variables(datasource, found, text), ...found.options] });
        }
      } catch {
        if (mine === turn.current) {
          setAnswer(none); // the error of the query itself says what is wrong
        }
      }
    }, REST);
  };

  useEffect(() => () => clearTimeout(timer.current), []);
  return { answer, ask, close };
}

function variables(datasource: DataSource, answer: CompleteAnswer, text: string): Completion[] {
  const written = text.slice(answer.from, answer.to);
  if (answer.kind !== 'value' || (written !== '' && !written.startsWith('$'))) {
    return [];
  }
  return datasource
    .variableNames()
    .filter((name) => name.startsWith(written))
    .map((name) => ({ label: name, insert: name + ' ', detail: 'variable' }));
}
