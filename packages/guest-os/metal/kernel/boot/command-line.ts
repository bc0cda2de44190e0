/** The kernel's command line: words between spaces, `name` or `name=value`. Unknown words mean nothing: some loaders put the kernel's path first. */

const SIZE: usize = 1024;
const SPACE: u8 = 0x20;
const EQUALS: u8 = 0x3d;

const text: usize = memory.data(1024);

/** The whole line, NUL-terminated. */
export function commandLine(): usize {
  return text;
}

/** Keeps a copy of the loader's line, cut to what there is room for; 0: none. */
export function keepCommandLine(from: usize): void {
  let length: usize = 0;
  if (from != 0) while (length < SIZE - 1 && load<u8>(from + length) != 0) length++;
  memory.copy(text, from, length);
  store<u8>(text + length, 0);
}

/** Whether the word NAME=VALUE is there; the last one of a name counts. */
export function optionIs(name: usize, value: usize): bool {
  const found = optionValue(name);
  return found != 0 && wordEquals(found, value);
}

/** Whether the bare word is there. */
export function hasWord(word: usize): bool {
  for (let at = firstWord(); at != 0; at = nextWord(at)) if (wordEquals(at, word)) return true;
  return false;
}

/** Where the value of the last NAME=... starts, or 0. */
export function optionValue(name: usize): usize {
  let found: usize = 0;
  for (let at = firstWord(); at != 0; at = nextWord(at)) {
    const end = matchPrefix(at, name);
    if (end != 0 && load<u8>(end) == EQUALS) found = end + 1;
  }
  return found;
}

/** Digits at an option's value as a number; 0 without digits. */
export function numberAt(value: usize): u32 {
  let result: u32 = 0;
  for (let at = value; load<u8>(at) - 0x30 < 10; at++) result = result * 10 + (load<u8>(at) - 0x30);
  return result;
}

function skipSpaces(from: usize): usize {
  let at = from;
  while (load<u8>(at) == SPACE) at++;
  return load<u8>(at) == 0 ? 0 : at;
}

function firstWord(): usize {
  return skipSpaces(text);
}

function nextWord(word: usize): usize {
  let at = word;
  while (load<u8>(at) != 0 && load<u8>(at) != SPACE) at++;
  return skipSpaces(at);
}

/** Behind `prefix` in a word that starts with it, or 0. */
function matchPrefix(word: usize, prefix: usize): usize {
  let at = word;
  for (let expected = prefix; load<u8>(expected) != 0; expected++) {
    if (load<u8>(at) != load<u8>(expected)) return 0;
    at++;
  }
  return at;
}

function wordEquals(word: usize, text: usize): bool {
  const end = matchPrefix(word, text);
  return end != 0 && (load<u8>(end) == 0 || load<u8>(end) == SPACE);
}
