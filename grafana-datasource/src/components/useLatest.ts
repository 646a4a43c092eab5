import { useEffect, useRef, useState } from 'react';

/** What a question that is asked anew whenever its key changes was answered last; late answers to earlier questions are left out. */
export function useLatest<T>(key: string, ask: () => Promise<T>, delay = 0): T | undefined {
  const [answer, setAnswer] = useState<T>();
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      asking.current().then(
        (a) => !stale && setAnswer(() => a),
        () => !stale && setAnswer(undefined)
      );
    }, delay);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [key, delay]);
  return answer;
}
