/** Syntax trees. Nodes lie in the arena. */
import { take } from "./arena";

export const SIMPLE: u32 = 0;
export const PIPE: u32 = 1;
export const AND: u32 = 2;
export const OR: u32 = 3;
export const SEQUENCE: u32 = 4;
export const BACKGROUND: u32 = 5;
export const NOT: u32 = 6;
export const IF: u32 = 7;
export const WHILE: u32 = 8;
export const UNTIL: u32 = 9;
export const FOR: u32 = 10;
export const CASE: u32 = 11;
export const CASE_ITEM: u32 = 12;
export const GROUP: u32 = 13;
export const SUBSHELL: u32 = 14;
export const FUNCTION: u32 = 15;

/** A list of words as they were written, quotes and all. */
// @ts-ignore: decorator
@unmanaged export class Word {
  next: Word | null;
  text: usize;
}

export const READ_FROM: u32 = 0;
export const WRITE_TO: u32 = 1;
export const APPEND_TO: u32 = 2;
export const DUPLICATE: u32 = 3;
export const HERE: u32 = 4;
/** A here-document whose delimiter was quoted: no expansion. */
export const HERE_VERBATIM: u32 = 5;

// @ts-ignore: decorator
@unmanaged export class Redirection {
  next: Redirection | null;
  kind: u32;
  fd: i32;
  /** Target's word, or the text of a here-document. */
  word: usize;
  /** The here-document on the same line that was named before. */
  previousHere: Redirection | null;
}

/**
 * One construct. `left` and `right` are what it is made of: the two sides of an operator; condition and body of IF (whose `other` is the else part) and of the loops;
 * body of FOR, GROUP, SUBSHELL, FUNCTION; a CASE's first item, an item's next one (`right`) and body (`left`).
 */
// @ts-ignore: decorator
@unmanaged export class Node {
  kind: u32;
  left: Node | null;
  right: Node | null;
  other: Node | null;
  /** Words of a SIMPLE command or of FOR; patterns of a case item. */
  words: Word | null;
  /** NAME=VALUE words before a SIMPLE command's name. */
  assignments: Word | null;
  redirections: Redirection | null;
  /** Variable of FOR, subject of CASE, name of FUNCTION. */
  name: usize;
}

export function newNode(kind: u32, left: Node | null, right: Node | null): Node {
  const node = changetype<Node>(take(offsetof<Node>()));
  node.kind = kind;
  node.left = left;
  node.right = right;
  return node;
}

export function newWord(text: usize): Word {
  const word = changetype<Word>(take(offsetof<Word>()));
  word.text = text;
  return word;
}

/** Adds at the end; the new head. */
export function appendWord(head: Word | null, word: Word): Word {
  if (head === null) return word;
  let last: Word = head;
  for (let next: Word | null = last.next; next !== null; next = last.next) last = next;
  last.next = word;
  return head;
}

/** A child that the grammar promises: never null there. */
// @ts-ignore: decorator
@inline export function child(node: Node | null): Node {
  return changetype<Node>(changetype<usize>(node));
}
