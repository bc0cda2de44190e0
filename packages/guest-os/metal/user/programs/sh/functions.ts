/** Shell functions. */
import { runNode } from "./run";
import { endReturn } from "./builtins";
import { Node } from "./tree";
import { positional, positionalCount, setPositional } from "./variables";
import { allocate, keep } from "../../lib/heap";
import { equal, length } from "../../lib/text";

// @ts-ignore: decorator
@unmanaged class Definition {
  next: Definition | null;
  name: usize;
  body: Node;
}

let first: Definition | null = null;

function lookUp(name: usize): Definition | null {
  let definition = first;
  while (definition !== null) {
    if (equal(definition.name, name)) return definition;
    definition = definition.next;
  }
  return null;
}

/** The body of a function, or null. */
export function findFunction(name: usize): Node | null {
  const definition = lookUp(name);
  return definition === null ? null : definition.body;
}

/** The body stays where it is: whoever runs a definition keeps its tree. */
export function defineFunction(name: usize, body: Node): void {
  let definition = lookUp(name);
  if (definition === null) {
    definition = changetype<Definition>(allocate(offsetof<Definition>()));
    definition.name = keep(name, length(name));
    definition.next = first;
    first = definition;
  }
  definition.body = body;
}

/** Runs a body with its own positional parameters; `$0` stays the shell's. */
export function callFunction(body: Node, array: usize, count: u32): i32 {
  const outer = positional;
  const outerCount = positionalCount;
  store<usize>(array, load<usize>(outer));
  setPositional(array, count - 1);
  const status = endReturn(runNode(body));
  setPositional(outer, outerCount);
  return status;
}
