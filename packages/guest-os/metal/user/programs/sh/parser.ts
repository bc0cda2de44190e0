/** Grammar (POSIX XCU 2.10), by recursive descent. `failed` says that the text was wrong; a message has been given then. */
import { cstr } from "@mercury/toolchain/metal";
import { take } from "./arena";
import {
  accept, acceptWord, AMPERSAND, BAR, CLOSE, currentSource, DOUBLE, END, expectHere, GREATER, GREATER_AND, isWord, LESS, LESS_AND, look, NEWLINE, NUMBER, OPEN, SEMICOLON,
  skipNewlines, text, UNCLOSED, WORD,
} from "./lexer";
import {
  AND, APPEND_TO, appendWord, BACKGROUND, CASE, CASE_ITEM, DUPLICATE, FOR, FUNCTION, GROUP, HERE, IF, newNode, newWord, Node, NOT, OR, PIPE, READ_FROM, Redirection, SEQUENCE,
  SIMPLE, SUBSHELL, UNTIL, WHILE, WRITE_TO,
} from "./tree";
import { beginError, endError, put, putByte, putDecimal } from "../../lib/print";
import { isDigit, toNumber } from "../../lib/text";

export let failed = false;

/** One complete command with its newline; null at the end of the input, for an empty line, or when it is wrong. */
export function parseCommand(): Node | null {
  failed = false;
  const next = look();
  if (next == END) return null;
  if (next == NEWLINE) {
    accept();
    return null;
  }
  const node = parseList(false);
  if (failed) return null;
  if (look() == NEWLINE) accept();
  else if (look() != END) return wrong();
  return node;
}

function wrong(): Node | null {
  if (failed) return null;
  failed = true;
  beginError();
  put(cstr`sh: line `);
  putDecimal(currentSource().line);
  const next = look();
  put(next == END || next == UNCLOSED ? cstr`: unexpected end of input` : cstr`: syntax error near `);
  if (next == WORD || next == NUMBER) put(text);
  else if (next == NEWLINE) put(cstr`the end of the line`);
  else if (next > NUMBER && next < UNCLOSED) putByte(next & 0xff);
  putByte(0x0a);
  endError();
  return null;
}

/** Commands separated by `;`, `&` and, in a compound command, newlines. */
function parseList(compound: bool): Node | null {
  let list: Node | null = null;
  if (compound) skipNewlines();
  while (!failed && !endsList()) {
    let node = parseAndOr();
    if (node === null) return failed ? null : wrong();
    const separator = look();
    if (separator == AMPERSAND) node = newNode(BACKGROUND, node, null);
    list = list === null ? node : newNode(SEQUENCE, list, node);
    if (separator != SEMICOLON && separator != AMPERSAND && !(compound && separator == NEWLINE)) break;
    accept();
    if (compound) skipNewlines();
  }
  return failed ? null : list;
}

/** Whether what follows cannot begin a command. */
function endsList(): bool {
  const next = look();
  if (next == END || next == NEWLINE || next == CLOSE || next == SEMICOLON + DOUBLE) return true;
  return (
    isWord(cstr`then`) || isWord(cstr`else`) || isWord(cstr`elif`) || isWord(cstr`fi`) || isWord(cstr`do`) || isWord(cstr`done`) || isWord(cstr`esac`) || isWord(cstr`}`)
  );
}

function parseAndOr(): Node | null {
  let left = parsePipeline();
  while (true) {
    const operator = look();
    if (failed || left === null || (operator != AMPERSAND + DOUBLE && operator != BAR + DOUBLE)) return left;
    accept();
    skipNewlines();
    const right = parsePipeline();
    if (right === null) return wrong();
    left = newNode(operator == AMPERSAND + DOUBLE ? AND : OR, left, right);
  }
}

function parsePipeline(): Node | null {
  if (acceptWord(cstr`!`)) {
    const node = parsePipeline();
    return node === null ? wrong() : newNode(NOT, node, null);
  }
  const left = parseOne();
  if (failed || left === null || look() != BAR) return left;
  accept();
  skipNewlines();
  const right = parsePipeline();
  return right === null ? wrong() : newNode(PIPE, left, right);
}

function parseOne(): Node | null {
  const node = parseCompound();
  if (failed) return null;
  if (node === null) return parseSimple();
  while (!failed && isRedirection()) addRedirection(node);
  return failed ? null : node;
}

/** A compound command, or null when none begins here. */
function parseCompound(): Node | null {
  if (look() == OPEN) {
    accept();
    const body = parseList(true);
    if (body === null || look() != CLOSE) return wrong();
    accept();
    return newNode(SUBSHELL, body, null);
  }
  if (acceptWord(cstr`{`)) return enclosed(newNode(GROUP, parseList(true), null), cstr`}`);
  if (acceptWord(cstr`if`)) return parseIf();
  if (acceptWord(cstr`while`)) return parseLoop(WHILE);
  if (acceptWord(cstr`until`)) return parseLoop(UNTIL);
  if (acceptWord(cstr`for`)) return parseFor();
  if (acceptWord(cstr`case`)) return parseCase();
  return null;
}

function enclosed(node: Node, end: usize): Node | null {
  return !failed && node.left !== null && acceptWord(end) ? node : wrong();
}

/** After `if` or `elif`. */
function parseIf(): Node | null {
  const node = newNode(IF, parseList(true), null);
  if (failed || node.left === null || !acceptWord(cstr`then`)) return wrong();
  node.right = parseList(true);
  if (failed || node.right === null) return wrong();
  if (acceptWord(cstr`elif`)) {
    node.other = parseIf();
    return failed ? null : node;
  }
  if (acceptWord(cstr`else`)) {
    node.other = parseList(true);
    if (failed || node.other === null) return wrong();
  }
  return acceptWord(cstr`fi`) ? node : wrong();
}

function parseLoop(kind: u32): Node | null {
  const node = newNode(kind, parseList(true), null);
  if (failed || node.left === null) return wrong();
  node.right = parseBody();
  return failed ? null : node;
}

/** `do ... done` */
function parseBody(): Node | null {
  if (!acceptWord(cstr`do`)) return wrong();
  const body = parseList(true);
  if (failed || body === null || !acceptWord(cstr`done`)) return wrong();
  return body;
}

/** `for NAME [in WORD...]; do ...; done` */
function parseFor(): Node | null {
  if (look() != WORD) return wrong();
  const node = newNode(FOR, null, null);
  node.name = text;
  accept();
  skipNewlines();
  if (acceptWord(cstr`in`)) {
    for (; look() == WORD || look() == NUMBER; accept()) node.words = appendWord(node.words, newWord(text));
  } else node.words = newWord(cstr`"$@"`);
  if (look() == SEMICOLON) accept();
  skipNewlines();
  node.left = parseBody();
  return failed ? null : node;
}

/** `case WORD in PATTERN[|PATTERN]) LIST ;; ... esac` */
function parseCase(): Node | null {
  if (look() != WORD) return wrong();
  const node = newNode(CASE, null, null);
  node.name = text;
  accept();
  skipNewlines();
  if (!acceptWord(cstr`in`)) return wrong();
  skipNewlines();
  let last: Node | null = null;
  while (!isWord(cstr`esac`)) {
    const item = parseItem();
    if (item === null) return wrong();
    if (last === null) node.left = item;
    else last.right = item;
    last = item;
  }
  accept();
  return node;
}

function parseItem(): Node | null {
  const item = newNode(CASE_ITEM, null, null);
  if (look() == OPEN) accept();
  while (true) {
    if (look() != WORD) return null;
    item.words = appendWord(item.words, newWord(text));
    accept();
    if (look() != BAR) break;
    accept();
  }
  if (look() != CLOSE) return null;
  accept();
  item.left = parseList(true);
  if (failed) return null;
  if (look() == SEMICOLON + DOUBLE) accept();
  else if (!isWord(cstr`esac`)) return null;
  skipNewlines();
  return item;
}

function parseSimple(): Node | null {
  const node = newNode(SIMPLE, null, null);
  let any = false;
  while (!failed) {
    if (isRedirection()) addRedirection(node);
    else if (look() == WORD) {
      if (node.words === null && isAssignment(text)) node.assignments = appendWord(node.assignments, newWord(text));
      else node.words = appendWord(node.words, newWord(text));
      accept();
    } else if (look() == OPEN && isFunctionName(node)) return parseFunction(node);
    else break;
    any = true;
  }
  return any && !failed ? node : null;
}

function isFunctionName(node: Node): bool {
  const name = node.words;
  return name !== null && name.next === null && node.assignments === null && node.redirections === null;
}

/** `NAME() COMPOUND` */
function parseFunction(node: Node): Node | null {
  accept();
  if (look() != CLOSE) return wrong();
  accept();
  skipNewlines();
  const body = parseCompound();
  if (body === null) return wrong();
  const definition = newNode(FUNCTION, body, null);
  definition.name = node.words!.text; // isFunctionName has seen it
  return definition;
}

/** NAME=...: a letter or underscore, then letters, digits and underscores up to the equals sign. */
export function isAssignment(word: usize): bool {
  const end = nameEnd(word);
  return end > word && load<u8>(end) == 0x3d;
}

/** Where a variable's name that begins here ends; the same address when none does. */
export function nameEnd(at: usize): usize {
  if (isDigit(load<u8>(at))) return at;
  while (isNameByte(load<u8>(at))) at++;
  return at;
}

function isNameByte(byte: u32): bool {
  return (byte | 0x20) - 0x61 < 26 || isDigit(byte) || byte == 0x5f;
}

function isRedirection(): bool {
  const next = look();
  return next == NUMBER || next == LESS || next == GREATER || next == LESS + DOUBLE || next == GREATER + DOUBLE || next == LESS_AND || next == GREATER_AND;
}

function addRedirection(node: Node): void {
  const redirection = changetype<Redirection>(take(offsetof<Redirection>()));
  redirection.fd = -1;
  if (look() == NUMBER) {
    redirection.fd = toNumber(text);
    accept();
  }
  const operator = look();
  accept();
  if (look() != WORD && look() != NUMBER) {
    wrong();
    return;
  }
  const input = operator == LESS || operator == LESS_AND || operator == LESS + DOUBLE;
  if (redirection.fd < 0) redirection.fd = input ? 0 : 1;
  redirection.kind = redirectionKind(operator);
  redirection.word = text;
  accept();
  if (redirection.kind == HERE) expectHere(redirection);
  appendRedirection(node, redirection);
}

function redirectionKind(operator: u32): u32 {
  if (operator == LESS) return READ_FROM;
  if (operator == GREATER) return WRITE_TO;
  if (operator == GREATER + DOUBLE) return APPEND_TO;
  return operator == LESS + DOUBLE ? HERE : DUPLICATE;
}

function appendRedirection(node: Node, redirection: Redirection): void {
  const head = node.redirections;
  if (head === null) {
    node.redirections = redirection;
    return;
  }
  let last: Redirection = head;
  for (let next: Redirection | null = last.next; next !== null; next = last.next) last = next;
  last.next = redirection;
}
