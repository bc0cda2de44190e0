import { wordsOf } from "./words.ts";

/** A rule that the program breaks: asc's name of the file, and where in it. */
export interface Violation {
  readonly name: string;
  readonly position: number;
  readonly message: string;
}

/** The part of asc's program that is read here. */
interface AscElement {
  readonly name: string;
  readonly internalName: string;
  readonly decoratorFlags?: number;
  readonly basePrototype?: AscElement | null;
  readonly instanceMembers?: ReadonlyMap<string, AscElement> | null;
  readonly declaration?: { readonly range: { readonly start: number; readonly source: { readonly normalizedPath: string } } };
}

export interface AscProgram {
  readonly elementsByDeclaration: ReadonlyMap<unknown, AscElement>;
}

/** asc's DecoratorFlags.Unmanaged. */
const unmanagedFlag = 1 << 4;

/**
 * A member of an unmanaged class that overrides one of its base: asc compiles the call to a read of the class number in the object header,
 * which an unmanaged object does not have, and says nothing.
 */
export function unmanagedOverrides(program: AscProgram): Violation[] {
  const violations: Violation[] = [];
  for (const element of new Set(program.elementsByDeclaration.values())) {
    if (((element.decoratorFlags ?? 0) & unmanagedFlag) === 0 || (element.basePrototype ?? null) === null) continue;
    for (const [name, member] of element.instanceMembers ?? []) {
      const base = inheritedFrom(element, name);
      if (name === "constructor" || base === null || member.declaration === undefined) continue;
      const { range } = member.declaration;
      violations.push({
        name: range.source.normalizedPath,
        position: range.start,
        message: `${element.name}.${name} overrides ${base.name}.${name}, but an unmanaged class has no dispatch`,
      });
    }
  }
  return violations;
}

function inheritedFrom(element: AscElement, member: string): AscElement | null {
  for (let base = element.basePrototype ?? null; base !== null; base = base.basePrototype ?? null) {
    if (base.instanceMembers?.has(member) === true) return base;
  }
  return null;
}

/** Lines, from 1, with a `throw`: without an unwinder it would be a trap that has lost its message. */
export function throwLines(source: string): number[] {
  const lines: number[] = [];
  for (const { text, start } of wordsOf(source)) {
    if (text === "throw" && source[start - 1] !== ".") lines.push(source.slice(0, start).split("\n").length);
  }
  return lines;
}
