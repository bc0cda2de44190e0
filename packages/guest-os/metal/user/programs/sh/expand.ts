/**
 * Word expansion (POSIX XCU 2.6): tilde, parameters, command substitution, arithmetic, then field splitting, file names and removal of quotes.
 * A field is gathered as a pattern, in which a backslash stands before every character that was quoted and is special in patterns.
 */
import { cstr } from "@mercury/toolchain/metal";
import { takeText } from "./arena";
import { arithmeticError, decimal, evaluate } from "./arithmetic";
import { hasPattern, matchFiles } from "./glob";
import { nameEnd } from "./parser";
import { substituteCommand } from "./substitute";
import { appendWord, newWord, Word } from "./tree";
import { assign, positional, positionalCount, valueOf } from "./variables";
import { complainText } from "../../lib/errors";
import { allocate, release } from "../../lib/heap";
import { find, isDigit, isSpace, length } from "../../lib/text";

/** The field being gathered. */
let buffer: usize = 0;
let used: u32 = 0;
let capacity: u32 = 0;
/** There is a field even when it is empty: something was quoted. */
let present = false;
/** Unquoted results are split into fields. */
let splitting = false;
let fields: Word | null = null;
/** An expansion could not be made; a message has been given. */
export let expansionFailed = false;

/** Expands words to fields. */
export function expandWords(words: Word | null): Word | null {
  expansionFailed = false;
  fields = null;
  let word = words;
  while (word !== null && !expansionFailed) {
    splitting = true;
    beginField();
    expandPiece(word.text, false);
    endField();
    word = word.next;
  }
  return fields;
}

/** Expands a word to exactly one string: assignments, redirections, the subject of `case`. */
export function expandText(text: usize): usize {
  return unescape(expandPattern(text));
}

/** As expandText, but what was quoted stays escaped, so that the result is a pattern. */
export function expandPattern(text: usize): usize {
  const saved = splitting;
  expansionFailed = false;
  splitting = false;
  beginField();
  expandPiece(text, false);
  splitting = saved;
  return takeText(buffer, used);
}

/** The text of a here-document: parameters, commands and arithmetic, but no quotes. */
export function expandHere(text: usize): usize {
  splitting = false;
  expansionFailed = false;
  beginField();
  for (let at = text; load<u8>(at) != 0; ) {
    if (load<u8>(at) == 0x24) at = expandDollar(at + 1, true);
    else {
      const escaped = load<u8>(at) == 0x5c && find(cstr`$\\`, load<u8>(at + 1)) != 0 && load<u8>(at + 1) != 0;
      if (escaped) at++;
      putQuoted(load<u8>(at++));
    }
  }
  return unescape(takeText(buffer, used));
}

function beginField(): void {
  used = 0;
  present = false;
  putRaw(0);
  used = 0;
}

/** Ends the field: its matching file names in order, or itself without escapes. */
function endField(): void {
  if (used == 0 && !present) return;
  store<u8>(buffer + used, 0);
  const pattern = takeText(buffer, used);
  const matches = hasPattern(pattern) ? matchFiles(pattern) : null;
  if (matches !== null) fields = appendWord(fields, matches);
  else fields = appendWord(fields, newWord(unescape(pattern)));
}

/** Removes the backslashes of a pattern. */
export function unescape(pattern: usize): usize {
  const text = takeText(pattern, length(pattern));
  let to = text;
  for (let at = text; load<u8>(at) != 0; at++) {
    if (load<u8>(at) == 0x5c && load<u8>(at + 1) != 0) at++;
    store<u8>(to++, load<u8>(at));
  }
  store<u8>(to, 0);
  return text;
}

function putRaw(byte: u32): void {
  if (used + 2 > capacity) {
    capacity = max<u32>(256, capacity * 2);
    const larger = allocate(capacity);
    memory.copy(larger, buffer, used);
    release(buffer);
    buffer = larger;
  }
  store<u8>(buffer + used, byte);
  used++;
  store<u8>(buffer + used, 0);
}

function putQuoted(byte: u32): void {
  if (byte == 0x2a || byte == 0x3f || byte == 0x5b || byte == 0x5c) putRaw(0x5c);
  putRaw(byte);
}

/** What an expansion gave: quoted as it is, unquoted split at white space. */
function putResult(text: usize, quoted: bool): void {
  for (; load<u8>(text) != 0; text++) {
    const byte = load<u8>(text);
    if (quoted) putQuoted(byte);
    else if (splitting && isSpace(byte)) {
      endField();
      beginField();
    } else if (byte == 0x5c) putQuoted(byte);
    else putRaw(byte);
  }
}

/** A word or a part of one; `quoted` inside double quotes. */
function expandPiece(text: usize, quoted: bool): void {
  let at = text;
  if (!quoted && load<u8>(at) == 0x7e && (load<u8>(at + 1) == 0 || load<u8>(at + 1) == 0x2f)) {
    const home = valueOf(cstr`HOME`);
    if (home != 0) {
      putResult(home, true);
      at++;
    }
  }
  while (load<u8>(at) != 0 && !expansionFailed) {
    const byte = load<u8>(at++);
    if (byte == 0x24) at = expandDollar(at, quoted);
    else if (byte == 0x5c) at = expandBackslash(at, quoted);
    else if (byte == 0x22 && !quoted) at = expandDoubleQuotes(at);
    else if (byte == 0x27 && !quoted) at = expandSingleQuotes(at);
    else if (quoted) putQuoted(byte);
    else putRaw(byte);
  }
}

/** In double quotes a backslash quotes only `$`, a backquote, `"` and itself; before a newline both disappear. */
function expandBackslash(at: usize, quoted: bool): usize {
  const byte = load<u8>(at);
  if (byte == 0) {
    putQuoted(0x5c);
    return at;
  }
  if (byte == 0x0a) return at + 1;
  if (quoted && find(cstr`$"\\`, byte) == 0) putQuoted(0x5c);
  putQuoted(byte);
  return at + 1;
}

function expandSingleQuotes(at: usize): usize {
  present = true;
  for (; load<u8>(at) != 0x27; at++) putQuoted(load<u8>(at));
  return at + 1;
}

function expandDoubleQuotes(at: usize): usize {
  const end = closingQuote(at);
  const inner = takeText(at, <u32>(end - at));
  // "$@" without parameters gives no field at all (POSIX XCU 2.5.2).
  if (!(positionalCount == 0 && load<u32>(inner) == 0x4024)) present = true;
  expandPiece(inner, true);
  return end + 1;
}

/** The quote that ends what begins here; substitutions inside may have quotes of their own. */
function closingQuote(at: usize): usize {
  while (load<u8>(at) != 0x22 && load<u8>(at) != 0) {
    const byte = load<u8>(at);
    const next = load<u8>(at + 1);
    if (byte == 0x5c && next != 0) at += 2;
    else if (byte == 0x24 && next == 0x28) at = closing(at + 2, 0x28, 0x29) + 1;
    else if (byte == 0x24 && next == 0x7b) at = closing(at + 2, 0x7b, 0x7d) + 1;
    else at++;
  }
  return at;
}

/** The bracket that closes the one before `at`. */
function closing(at: usize, open: u32, close: u32): usize {
  let depth: u32 = 1;
  for (; load<u8>(at) != 0; at++) {
    const byte = load<u8>(at);
    if (byte == 0x5c && load<u8>(at + 1) != 0) at++;
    else if (byte == 0x27) while (load<u8>(at + 1) != 0 && load<u8>(++at) != 0x27);
    else if (byte == 0x22) at = closingQuote(at + 1);
    else if (byte == open) depth++;
    else if (byte == close && --depth == 0) return at;
  }
  return at;
}

/** After a `$`; where the word goes on. */
function expandDollar(at: usize, quoted: bool): usize {
  const byte = load<u8>(at);
  if (byte == 0x28) return load<u8>(at + 1) == 0x28 ? expandArithmetic(at, quoted) : expandCommand(at, quoted);
  if (byte == 0x7b) return expandBraces(at, quoted);
  if (byte == 0x40 || byte == 0x2a) {
    expandPositional(byte == 0x40, quoted);
    return at + 1;
  }
  const special = byte != 0 && (isDigit(byte) || find(cstr`?$!#`, byte) != 0);
  const end = special ? at + 1 : nameEnd(at);
  if (end == at) {
    putQuoted(0x24);
    return at;
  }
  const value = valueOf(takeText(at, <u32>(end - at)));
  if (value != 0) putResult(value, quoted);
  return end;
}

/** `$((...))`; parentheses that do not close doubly are a command. */
function expandArithmetic(at: usize, quoted: bool): usize {
  const inner = closing(at + 2, 0x28, 0x29);
  if (load<u8>(inner) == 0 || load<u8>(inner + 1) != 0x29) return expandCommand(at, quoted);
  const expression = takeText(at + 2, <u32>(inner - at - 2));
  const value = evaluate(expandAside(expression));
  if (arithmeticError != 0) fail(expression, arithmeticError);
  else putResult(decimal(value), quoted);
  return inner + 2;
}

/** Expands another text while a field is being gathered. */
function expandAside(text: usize): usize {
  const savedBuffer = buffer;
  const savedUsed = used;
  const savedCapacity = capacity;
  const savedPresent = present;
  buffer = 0;
  capacity = 0;
  const result = expandText(text);
  release(buffer);
  buffer = savedBuffer;
  used = savedUsed;
  capacity = savedCapacity;
  present = savedPresent;
  return result;
}

/** `$(...)`: the command's output without its last newlines. */
function expandCommand(at: usize, quoted: bool): usize {
  const end = closing(at + 1, 0x28, 0x29);
  putResult(substituteCommand(takeText(at + 1, <u32>(end - at - 1))), quoted);
  return load<u8>(end) == 0 ? end : end + 1;
}

function expandPositional(separate: bool, quoted: bool): void {
  for (let index: u32 = 1; index <= positionalCount; index++) {
    if (index > 1) {
      if (splitting && (separate || !quoted)) {
        endField();
        beginField();
      } else putRaw(0x20);
    }
    if (quoted) present = true;
    putResult(load<usize>(positional + (<usize>index << 2)), quoted);
  }
}

/** `${NAME}`, `${#NAME}`, `${NAME-WORD}`, and likewise `=`, `+`, `?`; with a colon they hold for an empty value too. */
function expandBraces(at: usize, quoted: bool): usize {
  const end = closing(at + 1, 0x7b, 0x7d);
  const inner = takeText(at + 1, <u32>(end - at - 1));
  const next = load<u8>(end) == 0 ? end : end + 1;
  if (load<u8>(inner) == 0x23 && load<u8>(inner + 1) != 0) {
    const value = valueOf(inner + 1);
    putResult(decimal(value == 0 ? 0 : length(value)), quoted);
    return next;
  }
  let nameStop = nameEnd(inner);
  if (nameStop == inner && load<u8>(inner) != 0) nameStop = inner + 1;
  const name = takeText(inner, <u32>(nameStop - inner));
  const colon = load<u8>(nameStop) == 0x3a;
  const operator = load<u8>(colon ? nameStop + 1 : nameStop);
  const value = valueOf(name);
  const missing = value == 0 || (colon && load<u8>(value) == 0);
  if (operator == 0) {
    if (value != 0) putResult(value, quoted);
    return next;
  }
  expandDefault(name, value, missing, operator, nameStop + (colon ? 2 : 1), quoted);
  return next;
}

function expandDefault(name: usize, value: usize, missing: bool, operator: u32, word: usize, quoted: bool): void {
  if (operator == 0x2d) {
    if (missing) expandPiece(word, quoted);
    else putResult(value, quoted);
  } else if (operator == 0x2b) {
    if (!missing) expandPiece(word, quoted);
  } else if (operator == 0x3d) {
    if (missing) assign(name, expandAside(word));
    putResult(valueOf(name), quoted);
  } else if (operator == 0x3f) {
    if (missing) fail(name, load<u8>(word) == 0 ? cstr`parameter not set` : expandAside(word));
    else putResult(value, quoted);
  } else fail(name, cstr`bad substitution`);
}

function fail(what: usize, why: usize): void {
  expansionFailed = true;
  complainText(cstr`sh`, what, why);
}
