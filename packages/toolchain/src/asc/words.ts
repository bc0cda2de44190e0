/** A name in a source text, outside of comments, strings and templates. */
export interface Word {
  readonly text: string;
  readonly start: number;
  /** Position after it. */
  readonly end: number;
}

/** Every name and number of a source text, in order. */
export function* wordsOf(source: string): Generator<Word> {
  let at = 0;
  while (at < source.length) {
    const skipped = skipTrivia(source, at);
    const text = skipped > at ? "" : wordAt(source, at);
    if (text !== "") yield { text, start: at, end: at + text.length };
    at = skipped > at ? skipped : at + Math.max(1, text.length);
  }
}

/** Position after a comment or an ordinary string that starts at `at`, or `at` itself. */
function skipTrivia(source: string, at: number): number {
  const character = source[at];
  if (source.startsWith("//", at)) return endOr(source, source.indexOf("\n", at), 0);
  if (source.startsWith("/*", at)) return endOr(source, source.indexOf("*/", at + 2), 2);
  if (character === "`") return templateEnd(source, at);
  if (character !== '"' && character !== "'") return at;
  let end = at + 1;
  while (end < source.length && source[end] !== character && source[end] !== "\n") end += source[end] === "\\" ? 2 : 1;
  return end + 1;
}

function endOr(source: string, found: number, length: number): number {
  return found < 0 ? source.length : found + length;
}

function wordAt(source: string, at: number): string {
  const word = /[A-Za-z_$][\w$]*|\d[\w.]*/y;
  word.lastIndex = at;
  return word.exec(source)?.[0] ?? "";
}

/** Position after the closing quote of the template that opens at `open`. */
export function templateEnd(source: string, open: number): number {
  let at = open + 1;
  while (at < source.length && source[at] !== "`") at += source[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, source.length);
}
