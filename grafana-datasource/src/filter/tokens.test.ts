import { conjuncts, tokens } from './tokens';

const kinds = (text: string) =>
  tokens(text)
    .filter((t) => t.kind !== 'space')
    .map((t) => `${t.kind} ${t.text}`);

describe('tokens', () => {
  test.each([
    ['source.ip : 10.0.0.0/8', ['field source.ip', 'operator :', 'value 10.0.0.0/8']],
    ['source.ip:fc00::/7 and not a:b', ['field source.ip', 'operator :', 'value fc00::/7', 'keyword and', 'keyword not', 'field a', 'operator :', 'value b']],
    ['p : (22 or not 23)', ['field p', 'operator :', 'paren (', 'value 22', 'keyword or', 'keyword not', 'value 23', 'paren )']],
    ['(a : 1 or b >= 2)', ['paren (', 'field a', 'operator :', 'value 1', 'keyword or', 'field b', 'operator >=', 'value 2', 'paren )']],
    ['n : "a \\"b\\" and c"', ['field n', 'operator :', 'string "a \\"b\\" and c"']],
    ['n : and', ['field n', 'operator :', 'value and']],
    ['s : $host AND t : ${x:raw}', ['field s', 'operator :', 'variable $host', 'keyword AND', 'field t', 'operator :', 'variable ${x:raw}']],
    ['n : "open', ['field n', 'operator :', 'string "open']],
    ['n : a\\ b*', ['field n', 'operator :', 'value a\\ b*']],
    ['* and', ['value *', 'keyword and']],
    ['a b', ['field a', 'other b']],
  ])('%s', (text, want) => {
    expect(kinds(text)).toEqual(want);
  });

  test('all tokens together are the text, whatever it is', () => {
    for (const text of ['', ')(:<>', '\\', 'a:\\', '"', '$', '${', '🙂 : "🙂"', 'a : b\n or\tc : d', '= : ( ) )']) {
      expect(
        tokens(text)
          .map((t) => t.text)
          .join('')
      ).toBe(text);
    }
  });
});

describe('conjuncts', () => {
  test.each([
    ['', []],
    ['a : 1', ['a : 1']],
    ['a : 1 and not b : "x and y" AND c : (1 or 2)', ['a : 1', 'not b : "x and y"', 'c : (1 or 2)']],
    ['a : 1 or b : 2', null],
    ['(a : 1 or b : 2) and c : 3', ['(a : 1 or b : 2)', 'c : 3']],
  ])('%s', (text, want) => {
    expect(conjuncts(text)).toEqual(want);
  });
});
