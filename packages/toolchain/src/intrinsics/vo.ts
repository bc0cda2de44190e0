import type { OperandPlace } from "@mercury/abi";
import type { Argument, ImportResolver, Result } from "../backend/lowering.ts";
import type { Builder } from "../backend/builder.ts";
import { eax, ecx, edx, immediate, register, type Reg } from "../backend/mir.ts";
import { encodeSite, operationOf } from "../sites/encode.ts";

const registerOf: Readonly<Record<Exclude<OperandPlace, "stack">, Reg>> = { eax, edx, ecx };

/** Bytes of a stack slot. */
const slot = 4;

/**
 * Imports of `mercury:vo`: each call becomes the operation's one instruction, its operands brought to the places that the contract names.
 * `patchable`: stretched and listed in the site table.
 */
export function voImports(patchable: boolean): ImportResolver {
  return (module, name) =>
    module === "mercury:vo" ? { kind: "inline", emit: (builder, values) => emitOperation(builder, name, values, patchable) } : undefined;
}

function emitOperation(builder: Builder, name: string, values: readonly Argument[], patchable: boolean): Result {
  const { parameters, result, discipline } = operationOf(name);
  const { bytes, relocations } = encodeSite(name, patchable);
  const reads: Reg[] = [];
  let stack = 0;
  parameters.forEach(({ place }, index) => {
    const value = values[index]?.low ?? immediate(0);
    if (place === "stack") {
      builder.push(value);
      stack -= slot;
    } else {
      builder.move(registerOf[place], value);
      reads.push(registerOf[place]);
    }
  });
  if (result?.place === "stack") stack += slot;
  // An `off` operation is a call of a function; all others change nothing but their result.
  const changed = result === null || result.place === "stack" ? [] : [registerOf[result.place]];
  const writes = discipline === "off" ? [eax, edx, ecx] : changed;
  builder.raw({ bytes, relocations, reads, writes, stack, ...(patchable && { site: name }) });
  return result === null ? [] : [takeResult(builder, result.place, result.bits)];
}

function takeResult(builder: Builder, place: OperandPlace, bits: 8 | 16 | 32): Reg {
  const value = builder.fresh();
  if (place === "stack") builder.pop(value);
  else builder.move(value, register(registerOf[place]));
  if (bits !== 32) builder.emit("and", [register(value), immediate(2 ** bits - 1)]);
  return value;
}
