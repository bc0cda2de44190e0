/** Runs syntax trees. The result of everything is an exit status. */
import { mark, Mark, releaseTo, take } from "./arena";
import { breaking, leaving, stopLoop } from "./builtins";
import { expandPattern, expandText, expandWords, expansionFailed } from "./expand";
import { defineFunction } from "./functions";
import { clearInterrupt, interrupted, reapBackground } from "./jobs";
import { currentSource, readFrom } from "./lexer";
import { failed, parseCommand } from "./parser";
import { runBackground, runPipeline, runSubshell } from "./processes";
import { redirectSaving, restore, savedDescriptors } from "./redirect";
import { runSimple } from "./simple";
import { closeSource, Source, sourceOf } from "./source";
import { AND, BACKGROUND, CASE, child, FOR, FUNCTION, GROUP, IF, Node, NOT, OR, PIPE, SEQUENCE, SIMPLE, SUBSHELL, UNTIL, WHILE, Word } from "./tree";
import { assign, lastStatus, setLastStatus } from "./variables";
import { allocate } from "../../lib/heap";
import { matchName } from "../../lib/pattern";
import { flush } from "../../lib/print";

/** Runs everything that a source gives; the status of the last command. */
export function runSource(source: Source): i32 {
  const outer = currentSource();
  readFrom(source);
  const place = changetype<Mark>(allocate(offsetof<Mark>()));
  while (!leaving()) {
    source.begin();
    clearInterrupt();
    if (source.interactive) reapBackground();
    mark(place);
    const node = parseCommand();
    if (failed) {
      setLastStatus(2);
      source.drop();
      readFrom(source);
      if (!source.interactive) break;
    } else if (node !== null) {
      setLastStatus(runNode(node));
      flush();
      if (!definesFunction(node)) releaseTo(place);
    } else if (source.ended || source.fd < 0) if (source.position >= source.filled) break;
  }
  readFrom(outer);
  return lastStatus;
}

/** A function's body lives on after the command that defined it. */
function definesFunction(node: Node): bool {
  if (node.kind == FUNCTION) return true;
  const left = node.left;
  const right = node.right;
  return (left !== null && definesFunction(left)) || (right !== null && definesFunction(right));
}

/** Runs a string in this process. */
export function runText(text: usize): i32 {
  const source = sourceOf(text);
  const status = runSource(source);
  closeSource(source);
  flush();
  return status;
}

export function runNode(node: Node): i32 {
  const saved = savedDescriptors();
  if (node.kind != SIMPLE && node.redirections !== null && !redirectSaving(node.redirections)) {
    restore(saved);
    return 1;
  }
  const status = dispatch(node);
  if (node.kind != SIMPLE && node.redirections !== null) {
    flush();
    restore(saved);
  }
  return status;
}

function dispatch(node: Node): i32 {
  switch (node.kind) {
    case SIMPLE: return runSimple(node);
    case PIPE: return runPipeline(node);
    case AND: return runConditional(node, true);
    case OR: return runConditional(node, false);
    case SEQUENCE: return runSequence(node);
    case BACKGROUND: return runBackground(child(node.left));
    case NOT: return runNode(child(node.left)) == 0 ? 1 : 0;
    case IF: return runIf(node);
    case WHILE: return runLoop(node, true);
    case UNTIL: return runLoop(node, false);
    case FOR: return runFor(node);
    case CASE: return runCase(node);
    case GROUP: return runNode(child(node.left));
    case SUBSHELL: return runSubshell(node);
    case FUNCTION:
      defineFunction(node.name, child(node.left));
      return 0;
    default: return 0;
  }
}

/** A list ends early when the shell leaves, a loop is left or the terminal interrupted a command. */
function stopped(): bool {
  return leaving() || breaking() || interrupted;
}

function runSequence(node: Node): i32 {
  const status = runNode(child(node.left));
  setLastStatus(status);
  return stopped() ? status : runNode(child(node.right));
}

function runConditional(node: Node, onSuccess: bool): i32 {
  const status = runNode(child(node.left));
  setLastStatus(status);
  return (status == 0) == onSuccess && !stopped() ? runNode(child(node.right)) : status;
}

function runIf(node: Node): i32 {
  const condition = runNode(child(node.left));
  setLastStatus(condition);
  if (stopped()) return condition;
  if (condition == 0) return runNode(child(node.right));
  const other = node.other;
  return other === null ? 0 : runNode(other);
}

function runLoop(node: Node, whileTrue: bool): i32 {
  const place = changetype<Mark>(take(offsetof<Mark>()));
  let status: i32 = 0;
  while (true) {
    mark(place);
    const condition = runNode(child(node.left));
    if (stopped() && stopLoop()) return status;
    if ((condition == 0) != whileTrue) return status;
    status = runNode(child(node.right));
    setLastStatus(status);
    flush();
    releaseTo(place);
    if ((stopped() && stopLoop()) || interrupted) return status;
  }
}

function runFor(node: Node): i32 {
  const words = expandWords(node.words);
  if (expansionFailed) return 1;
  const place = changetype<Mark>(take(offsetof<Mark>()));
  let status: i32 = 0;
  let word = words;
  while (word !== null) {
    assign(node.name, word.text);
    mark(place);
    status = runNode(child(node.left));
    setLastStatus(status);
    flush();
    releaseTo(place);
    if ((stopped() && stopLoop()) || interrupted) break;
    word = word.next;
  }
  return status;
}

function runCase(node: Node): i32 {
  const subject = expandText(node.name);
  let item = node.left;
  while (item !== null) {
    if (matchesAny(item.words, subject)) {
      const body = item.left;
      return body === null ? 0 : runNode(body);
    }
    item = item.right;
  }
  return 0;
}

function matchesAny(patterns: Word | null, subject: usize): bool {
  let pattern = patterns;
  while (pattern !== null) {
    if (matchName(expandPattern(pattern.text), subject)) return true;
    pattern = pattern.next;
  }
  return false;
}
