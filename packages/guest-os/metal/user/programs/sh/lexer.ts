/** Tokens (POSIX XCU 2.3): operators, newlines and words. A word keeps its quotes; expansion takes them off. */
import { cstr } from "@mercury/toolchain/metal";
import { takeText } from "./arena";
import { Source } from "./source";
import { HERE, HERE_VERBATIM, Redirection } from "./tree";
import { equal, find, length } from "../../lib/text";

export const END: u32 = 0;
export const NEWLINE: u32 = 1;
export const WORD: u32 = 2;
/** A number right before `<` or `>`: the descriptor. */
export const NUMBER: u32 = 3;
/** Operators by their first character, doubled ones plus 256. */
export const DOUBLE: u32 = 256;
export const SEMICOLON: u32 = 0x3b;
export const AMPERSAND: u32 = 0x26;
export const BAR: u32 = 0x7c;
export const OPEN: u32 = 0x28;
export const CLOSE: u32 = 0x29;
export const LESS: u32 = 0x3c;
export const GREATER: u32 = 0x3e;
export const LESS_AND: u32 = 512;
export const GREATER_AND: u32 = 513;
/** A quote or substitution that the input leaves open. */
export const UNCLOSED: u32 = 1024;

/** The token read last, and the text of a word or number. */
export let token: u32 = END;
export let text: usize = 0;

let source: Source = changetype<Source>(0);
/** The token has been looked at but not used. */
let held = false;
/** Here-documents whose text follows the present line. */
let waiting: Redirection | null = null;

export function readFrom(input: Source): void {
  source = input;
  held = false;
  waiting = null;
}

export function currentSource(): Source {
  return source;
}

/** Looks at the next token. */
export function look(): u32 {
  if (!held) {
    token = scan();
    held = true;
  }
  return token;
}

/** Takes the token looked at. */
export function accept(): void {
  held = false;
}

/** Takes the next token when it is the word `keyword`. */
export function acceptWord(keyword: usize): bool {
  if (!isWord(keyword)) return false;
  held = false;
  return true;
}

export function isWord(keyword: usize): bool {
  return look() == WORD && equal(text, keyword);
}

export function skipNewlines(): void {
  while (look() == NEWLINE) held = false;
}

/** The text of a here-document is read when the line ends. */
export function expectHere(redirection: Redirection): void {
  redirection.previousHere = waiting;
  waiting = redirection;
}

function scan(): u32 {
  skipBlanks();
  if (source.peek() == 0 && !source.more()) return END;
  if (source.peek() == 0x20 || source.peek() == 0x09 || source.peek() == 0x23) skipBlanks();
  const byte = source.peek();
  if (byte == 0) return END;
  if (byte == 0x0a) {
    source.advance();
    return readHereDocuments() ? NEWLINE : UNCLOSED;
  }
  if (isOperator(byte)) return scanOperator(byte);
  return scanWord();
}

/** Blanks, comments, and newlines that a backslash takes away. */
function skipBlanks(): void {
  while (true) {
    const byte = source.peek();
    if (byte == 0x20 || byte == 0x09) source.advance();
    else if (byte == 0x5c && source.peekAt(1) == 0x0a) {
      source.advance();
      source.advance();
      if (source.peek() == 0) source.more();
    } else if (byte == 0x23) while (source.peek() != 0 && source.peek() != 0x0a) source.advance();
    else return;
  }
}

function isOperator(byte: u32): bool {
  return find(cstr`;&|()<>`, byte) != 0 && byte != 0;
}

function scanOperator(byte: u32): u32 {
  source.advance();
  const next = source.peek();
  if ((byte == LESS || byte == GREATER) && next == AMPERSAND) {
    source.advance();
    return byte == LESS ? LESS_AND : GREATER_AND;
  }
  if (next != byte || byte == OPEN || byte == CLOSE) return byte;
  source.advance();
  return byte + DOUBLE;
}

function scanWord(): u32 {
  const start = source.position;
  while (true) {
    const byte = source.peek();
    if (byte == 0 || byte == 0x20 || byte == 0x09 || byte == 0x0a || isOperator(byte)) break;
    if (!passPiece(byte)) return UNCLOSED;
  }
  const size = source.position - start;
  text = takeText(source.text + start, size);
  const after = source.peek();
  return (after == LESS || after == GREATER) && size == 1 && load<u8>(text) - 0x30 < 10 ? NUMBER : WORD;
}

/** Passes one character, quotation or substitution of a word; false when the input ends in it. */
function passPiece(byte: u32): bool {
  source.advance();
  if (byte == 0x27) return passUntil(0x27);
  if (byte == 0x22) return passDoubleQuotes();
  if (byte == 0x5c) {
    if (source.peek() == 0 && !source.more()) return true;
    source.advance();
    return true;
  }
  if (byte == 0x24 && source.peek() == OPEN) return passNested(OPEN, CLOSE);
  if (byte == 0x24 && source.peek() == 0x7b) return passNested(0x7b, 0x7d);
  return true;
}

function passUntil(mark: u32): bool {
  while (source.peek() != mark) {
    if (source.peek() == 0 && !source.more()) return false;
    source.advance();
  }
  source.advance();
  return true;
}

function passDoubleQuotes(): bool {
  while (source.peek() != 0x22) {
    if (source.peek() == 0) {
      if (!source.more()) return false;
      continue;
    }
    const byte = source.peek();
    // A single quote is an ordinary character here.
    if (byte == 0x27) source.advance();
    else if (!passPiece(byte)) return false;
  }
  source.advance();
  return true;
}

/** `$( ... )` and `${ ... }`, whatever they contain. */
function passNested(open: u32, close: u32): bool {
  source.advance();
  let depth: u32 = 1;
  while (depth > 0) {
    const byte = source.peek();
    if (byte == 0) {
      if (!source.more()) return false;
      continue;
    }
    if (byte == open) depth++;
    if (byte == close) depth--;
    if (byte == open || byte == close) source.advance();
    else if (!passPiece(byte)) return false;
  }
  return true;
}

/** Reads the text of each here-document that the line named, the first one first. */
function readHereDocuments(): bool {
  const last = waiting;
  waiting = null;
  return readHereDocumentsUpTo(last);
}

function readHereDocumentsUpTo(redirection: Redirection | null): bool {
  if (redirection === null) return true;
  return readHereDocumentsUpTo(redirection.previousHere) && readHereDocument(redirection);
}

function readHereDocument(redirection: Redirection): bool {
  const delimiter = redirection.word;
  const quoted = find(delimiter, 0x27) != 0 || find(delimiter, 0x22) != 0;
  const bare = quoted ? takeText(delimiter + 1, length(delimiter) - 2) : delimiter;
  const start = source.position;
  while (true) {
    if (source.peek() == 0 && !source.more()) return false;
    const line = source.position;
    while (source.peek() != 0x0a && source.peek() != 0) source.advance();
    const size = source.position - line;
    if (source.peek() == 0x0a) source.advance();
    if (size == length(bare) && memory.compare(source.text + line, bare, size) == 0) {
      redirection.word = takeText(source.text + start, line - start);
      redirection.kind = quoted ? HERE_VERBATIM : HERE;
      return true;
    }
  }
}
