/**
 * Byte strings: asc keeps "text" as UTF-16 with an object header, which metal code has no use for. The tags
 * `cstr` (UTF-8, NUL-terminated), `bytes` (UTF-8 as is) and `byteLength` (how many bytes that is) are replaced before asc sees the file,
 * line for line, so that positions in messages and line tables stay true.
 */
const tags: ReadonlySet<string> = new Set(["cstr", "bytes", "byteLength"]);

/** Thrown for a tagged literal that cannot be a constant. */
export class ByteStringError extends Error {
  override readonly name = "ByteStringError";
  /** Line in the source text, from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Replaces every tagged byte string in `source`. */
export function expandByteStrings(source: string): string {
  let output = "";
  let copied = 0;
  let at = 0;
  while (at < source.length) {
    const skipped = skipTrivia(source, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const word = wordAt(source, at);
    if (word === "") {
      at += 1;
      continue;
    }
    const quote = at + word.length;
    const isTag = tags.has(word) && source[quote] === "`" && source[at - 1] !== ".";
    if (!isTag) {
      at = quote;
      continue;
    }
    const end = templateEnd(source, quote);
    output += source.slice(copied, at) + replacement(word, source, quote, end);
    copied = at = end;
  }
  return output + source.slice(copied);
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
function templateEnd(source: string, open: number): number {
  let at = open + 1;
  while (at < source.length && source[at] !== "`") at += source[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, source.length);
}

function replacement(tag: string, source: string, open: number, end: number): string {
  const line = source.slice(0, open).split("\n").length;
  const raw = source.slice(open + 1, end - 1);
  if (source[end - 1] !== "`" || end - 1 === open) throw new ByteStringError(`${tag}: the literal does not end`, line);
  if (/(?<!\\)\$\{/.test(raw)) throw new ByteStringError(`${tag}: a byte string is a constant and cannot contain \${...}`, line);
  const encoded = new TextEncoder().encode(unescape(raw, tag, line));
  const breaks = "\n".repeat(raw.split("\n").length - 1);
  if (tag === "byteLength") return `${encoded.length}${breaks}`;
  const values = tag === "cstr" ? [...encoded, 0] : [...encoded];
  if (values.length === 0) throw new ByteStringError("bytes: an empty literal has no address", line);
  return `memory.data<u8>([${values.join(",")}${breaks}])`;
}

const simpleEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", 0: "\0", "\n": "" };

function unescape(raw: string, tag: string, line: number): string {
  return raw.replace(
    /\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|([^]))/g,
    (_, byte, braced, unit, single: string | undefined) => {
      const code: string | undefined = byte ?? braced ?? unit;
      if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
      const character = single ?? "";
      if (character === "x" || character === "u") throw new ByteStringError(`${tag}: broken escape sequence`, line);
      return simpleEscapes[character] ?? character;
    },
  );
}
