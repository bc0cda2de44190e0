import { templateEnd, wordsOf } from "./words.ts";

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
  for (const { text, start, end } of wordsOf(source)) {
    if (!tags.has(text) || source[end] !== "`" || source[start - 1] === ".") continue;
    const after = templateEnd(source, end);
    output += source.slice(copied, start) + replacement(text, source, end, after);
    copied = after;
  }
  return output + source.slice(copied);
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
