import type { Cursor } from "./cursor.ts";
import { bulk, control, opcodes } from "./opcodes.ts";

/** Moves past what follows an opcode; false when the opcode is a float, vector or reference instruction. */
export function skipImmediates(opcode: number, cursor: Cursor): boolean {
  const row = opcodes.get(opcode);
  if (row?.kind === "load" || row?.kind === "store") {
    cursor.u32();
    cursor.u32();
    return true;
  }
  if (row) return true;
  switch (opcode) {
    case control.block:
    case control.loop:
    case control.if:
      cursor.byte();
      return true;
    case control.br:
    case control.brIf:
    case control.call:
    case control.localGet:
    case control.localSet:
    case control.localTee:
    case control.globalGet:
    case control.globalSet:
      cursor.u32();
      return true;
    case control.callIndirect:
      cursor.u32();
      cursor.u32();
      return true;
    case control.brTable:
      cursor.vector(() => cursor.u32());
      cursor.u32();
      return true;
    case control.i32Const:
    case control.i64Const:
      cursor.signed();
      return true;
    case control.selectTyped:
      cursor.vector(() => cursor.byte());
      return true;
    case control.prefixed:
      cursor.take(cursor.u32() === bulk.memoryCopy ? 2 : 1);
      return true;
    case control.unreachable:
    case control.nop:
    case control.return:
    case control.drop:
    case control.select:
    case control.else:
    case control.end:
      return true;
    default:
      return false;
  }
}
