export type TokenKind = 'field' | 'operator' | 'value' | 'string' | 'keyword' | 'paren' | 'variable' | 'space' | 'other';

export interface Token {
  kind: TokenKind;
  text: string;
  /** Where it begins, in UTF-16 units. */
  at: number;
}

type Want = 'name' | 'operator' | 'value' | 'keyword';

const shapes = {
  space: /\s+/y,
  string: /"(?:\\.|[^"\\])*"?/y,
  variable: /\$\{[^}]*\}?|\$\w+|\[\[[^\]]*\]\]/y,
  paren: /[()]/y,
  operator: /[:<>=]+/y,
  word: /[^\s()":<>=]+/y,
  value: /(?:\\.|[^\s()"\\]|\\$)+/y, // addresses hold colons
};

/** Takes a filter apart for colors. What cannot stand where it does is "other"; all tokens together are the text. */
export function tokens(text: string): Token[] {
  const list: Token[] = [];
  const open: boolean[] = []; // parentheses that are open: whether of values
  let want: Want = 'name';
  for (let at = 0; at < text.length; at += list[list.length - 1].text.length) {
    const { token, next } = step(text, at, want, open);
    list.push(token);
    want = next;
  }
  return list;
}

function step(text: string, at: number, want: Want, open: boolean[]): { token: Token; next: Want } {
  const take = (shape: keyof typeof shapes) => {
    shapes[shape].lastIndex = at;
    return shapes[shape].exec(text)?.[0] ?? '';
  };
  const as = (kind: TokenKind, found: string, next: Want) => ({ token: { kind, text: found, at }, next });
  let found: string;
  if ((found = take('space'))) {
    return as('space', found, want);
  }
  if ((found = take('string'))) {
    return as(want === 'value' ? 'string' : 'other', found, 'keyword');
  }
  if ((found = take('variable'))) {
    return as('variable', found, 'keyword');
  }
  if ((found = take('paren'))) {
    if (found === '(') {
      open.push(want === 'value');
      return as('paren', found, want);
    }
    open.pop();
    return as('paren', found, 'keyword');
  }
  return word(text, at, want, open[open.length - 1] ?? false, take, as);
}

type Take = (shape: keyof typeof shapes) => string;
type As = (kind: TokenKind, found: string, next: Want) => { token: Token; next: Want };

function word(text: string, at: number, want: Want, ofValues: boolean, take: Take, as: As) {
  let found: string;
  if (want === 'operator' && (found = take('operator'))) {
    return as('operator', found, 'value');
  }
  if (want === 'value' && (found = take('value'))) {
    return ofValues && /^not$/i.test(found) ? as('keyword', found, want) : as('value', found, 'keyword');
  }
  found = take('word');
  if (!found) {
    return as('other', text[at], want);
  }
  if (want === 'name') {
    return /^not$/i.test(found) ? as('keyword', found, want) : found === '*' ? as('value', found, 'keyword') : as('field', found, 'operator');
  }
  return /^(and|or)$/i.test(found) ? as('keyword', found, ofValues ? 'value' : 'name') : as('other', found, 'keyword');
}

/**
 * Takes a filter apart at the "and"s that stand in no parentheses; null where an "or" stands there, so that it is no list of conditions.
 */
export function conjuncts(text: string): string[] | null {
  const parts: string[] = [];
  let depth = 0;
  let begin = 0;
  for (const t of tokens(text)) {
    if (t.kind === 'paren') {
      depth += t.text === '(' ? 1 : -1;
    }
    if (t.kind !== 'keyword' || depth > 0) {
      continue;
    }
    if (/^or$/i.test(t.text)) {
      return null;
    }
    if (/^and$/i.test(t.text)) {
      parts.push(text.slice(begin, t.at).trim());
      begin = t.at + t.text.length;
    }
  }
  const last = text.slice(begin).trim();
  if (last !== '' || parts.length > 0) {
    parts.push(last);
  }
  return parts;
}
