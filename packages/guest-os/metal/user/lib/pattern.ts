/** Basic regular expressions (POSIX XBD 9.3) without groups: `.`, `*`, bracket expressions, `^`, `$`, and `\` before a special character. */
import { length } from "./text";

let foldCase: bool = false;

// @ts-ignore: decorator
@inline export function fold(byte: u32): u32 {
  return foldCase && byte - 0x41 < 26 ? byte + 32 : byte;
}

/** Whether the pattern is found anywhere in the text. */
export function searchPattern(pattern: usize, text: usize, ignoreCase: bool, fixed: bool): bool {
  foldCase = ignoreCase;
  if (fixed) return searchFixed(pattern, text);
  if (load<u8>(pattern) == 0x5e) return matchHere(pattern + 1, text);
  while (true) {
    if (matchHere(pattern, text)) return true;
    if (load<u8>(text++) == 0) return false;
  }
}

function searchFixed(pattern: usize, text: usize): bool {
  const size = length(pattern);
  for (let left = <i32>(length(text) - size); left >= 0; left--, text++) {
    let index: u32 = 0;
    while (index < size && fold(load<u8>(text + index)) == fold(load<u8>(pattern + index))) index++;
    if (index == size) return true;
  }
  return false;
}

function matchHere(pattern: usize, text: usize): bool {
  while (true) {
    const byte = load<u8>(pattern);
    if (byte == 0) return true;
    if (byte == 0x24 && load<u8>(pattern + 1) == 0) return load<u8>(text) == 0;
    const next = atomEnd(pattern);
    if (load<u8>(next) == 0x2a) return matchRepeated(pattern, next + 1, text);
    if (load<u8>(text) == 0 || !matchAtom(pattern, load<u8>(text))) return false;
    pattern = next;
    text++;
  }
}

/** The longest run first, then shorter ones. */
function matchRepeated(atom: usize, rest: usize, text: usize): bool {
  let end = text;
  while (load<u8>(end) != 0 && matchAtom(atom, load<u8>(end))) end++;
  for (; end >= text; end--) if (matchHere(rest, end)) return true;
  return false;
}

/** Where the atom at `pattern` ends. A bracket that is never closed is an ordinary character. */
function atomEnd(pattern: usize): usize {
  const byte = load<u8>(pattern);
  if (byte == 0x5c && load<u8>(pattern + 1) != 0) return pattern + 2;
  if (byte != 0x5b) return pattern + 1;
  const close = bracketEnd(pattern);
  return close == 0 ? pattern + 1 : close + 1;
}

/** Address of the `]` that closes a bracket expression, or 0. A `]` right at the start belongs to the set. */
function bracketEnd(pattern: usize): usize {
  let at = pattern + 1;
  if (load<u8>(at) == 0x5e || load<u8>(at) == 0x21) at++;
  if (load<u8>(at) == 0x5d) at++;
  for (; load<u8>(at) != 0; at++) if (load<u8>(at) == 0x5d) return at;
  return 0;
}

function matchAtom(pattern: usize, byte: u32): bool {
  const kind = load<u8>(pattern);
  if (kind == 0x2e) return true;
  if (kind == 0x5c && load<u8>(pattern + 1) != 0) return fold(load<u8>(pattern + 1)) == fold(byte);
  if (kind == 0x5b && bracketEnd(pattern) != 0) return matchBracket(pattern, fold(byte));
  return fold(kind) == fold(byte);
}

/** `[a-z]`, `[^a-z]`; shells write the complement as `[!a-z]`. */
export function matchBracket(pattern: usize, byte: u32): bool {
  const close = bracketEnd(pattern);
  let at = pattern + 1;
  const complement = load<u8>(at) == 0x5e || load<u8>(at) == 0x21;
  if (complement) at++;
  let found = false;
  while (at < close) {
    const low = fold(load<u8>(at));
    const range = load<u8>(at + 1) == 0x2d && at + 2 < close;
    const high = range ? fold(load<u8>(at + 2)) : low;
    if (byte >= low && byte <= high) found = true;
    at += range ? 3 : 1;
  }
  return found != complement;
}

/** File name patterns (POSIX XCU 2.13): `*`, `?`, brackets and `\`; the whole name must match. */
export function matchName(pattern: usize, name: usize): bool {
  foldCase = false;
  return matchNameHere(pattern, name);
}

function matchNameHere(pattern: usize, name: usize): bool {
  while (true) {
    const kind = load<u8>(pattern);
    if (kind == 0) return load<u8>(name) == 0;
    if (kind == 0x2a) {
      for (let at = name; ; at++) {
        if (matchNameHere(pattern + 1, at)) return true;
        if (load<u8>(at) == 0) return false;
      }
    }
    const byte = load<u8>(name);
    if (byte == 0) return false;
    if (kind == 0x5b && bracketEnd(pattern) != 0) {
      if (!matchBracket(pattern, byte)) return false;
      pattern = bracketEnd(pattern) + 1;
    } else if (kind == 0x3f) pattern++;
    else {
      const escaped: usize = kind == 0x5c && load<u8>(pattern + 1) != 0 ? 1 : 0;
      if (load<u8>(pattern + escaped) != byte) return false;
      pattern += 1 + escaped;
    }
    name++;
  }
}
