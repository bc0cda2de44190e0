import type { Relocation } from "../object.ts";
import type { RawCode } from "./lowering.ts";
import type { Condition } from "./shapes.ts";
import { shapeOf } from "./shapes.ts";
import {
  eax,
  ecx,
  edx,
  firstVirtual,
  immediate,
  register,
  type Instruction,
  type MirFunction,
  type Operand,
  type Reg,
  type Role,
  type FlagUse,
} from "./mir.ts";

/** What an instruction has beyond mnemonic and operands; roles are given for mnemonics without a shape. */
export interface InstructionOptions {
  readonly size?: 8 | 16 | 32;
  readonly roles?: readonly Role[];
  readonly reads?: readonly Reg[];
  readonly writes?: readonly Reg[];
  readonly flags?: FlagUse;
  readonly stack?: number;
  readonly lock?: boolean;
  readonly keep?: boolean;
  readonly target?: number;
  readonly targets?: readonly number[];
  readonly symbol?: string;
  readonly bytes?: Uint8Array;
  readonly relocations?: readonly Relocation[];
  readonly site?: string;
}

/** Appends instructions to a function; what selection, intrinsics and the runtime helpers write with. */
export class Builder {
  readonly mir: MirFunction;
  loopDepth = 0;
  at: number;
  private lastFlags: Instruction | null = null;

  constructor(name: string, incoming: number, at: number) {
    this.at = at;
    this.mir = {
      name,
      instructions: [],
      registers: firstVirtual,
      labels: 0,
      slots: 0,
      byteRegisters: new Set(),
      unspillable: new Set(),
      incoming,
    };
  }

  fresh(): Reg {
    return this.mir.registers++;
  }

  newLabel(): number {
    return this.mir.labels++;
  }

  emit(mnemonic: string, operands: Operand[] = [], options: InstructionOptions = {}): Instruction {
    const shape = shapeOf(mnemonic);
    const flags = options.flags ?? shape?.flags ?? "none";
    const instruction: Instruction = {
      mnemonic,
      operands,
      touched: null,
      original: operands,
      roles: options.roles ?? shape?.roles ?? operands.map(() => "read" as const),
      size: options.size ?? 32,
      reads: options.reads ?? shape?.reads ?? [],
      writes: options.writes ?? shape?.writes ?? [],
      flags,
      stack: options.stack ?? 0,
      lock: options.lock ?? false,
      keep: options.keep ?? false,
      target: options.target ?? -1,
      targets: options.targets ?? [],
      symbol: options.symbol ?? null,
      bytes: options.bytes ?? null,
      relocations: options.relocations ?? [],
      site: options.site ?? null,
      flagsOf: flags === "read" || flags === "both" ? this.lastFlags : null,
      loopDepth: this.loopDepth,
      at: this.at,
    };
    if (flags === "write" || flags === "both") this.lastFlags = instruction;
    this.needBytes(instruction);
    this.mir.instructions.push(instruction);
    return instruction;
  }

  /** Registers named in 8 bits must have such a name; in MOVZX and MOVSX that is the source only. */
  private needBytes(instruction: Instruction): void {
    const eight = instruction.size === 8 || instruction.mnemonic.startsWith("set");
    if (!eight) return;
    instruction.operands.forEach((operand, position) => {
      const wide = position === 0 && (instruction.mnemonic === "movzx" || instruction.mnemonic === "movsx");
      if (operand.kind === "register" && !wide) this.mir.byteRegisters.add(operand.reg);
    });
  }

  move(to: Reg, from: Operand): void {
    this.emit("mov", [register(to), from]);
  }

  /** A new register that holds `value`. */
  load(value: Operand): Reg {
    const reg = this.fresh();
    this.move(reg, value);
    return reg;
  }

  constant(value: number): Reg {
    return this.load(immediate(value));
  }

  /** `left op right` into a new register. */
  two(mnemonic: string, left: Operand, right: Operand): Reg {
    const reg = this.load(left);
    this.emit(mnemonic, [register(reg), right]);
    return reg;
  }

  label(label: number): void {
    this.emit("label", [], { target: label });
  }

  jump(label: number): void {
    this.emit("jmp", [], { target: label });
  }

  jumpIf(condition: Condition, label: number): void {
    this.emit(`j${condition}`, [], { target: label });
  }

  push(operand: Operand): void {
    this.emit("push", [operand], { stack: 4 });
  }

  pop(to: Reg): void {
    this.emit("pop", [register(to)], { stack: -4 });
  }

  /** Calls a symbol or an address; `read` are the argument registers in use, `popped` the bytes that the callee removes. */
  call(target: string | Operand, read: readonly Reg[], popped: number): void {
    const options = { reads: read, writes: [eax, ecx, edx], stack: -popped };
    if (typeof target === "string") this.emit("callSymbol", [], { ...options, symbol: target });
    else this.emit("call", [target], options);
  }

  /** Bytes that are encoded elsewhere, such as a site's; flags do not survive them. */
  raw(code: RawCode): void {
    this.emit("raw", [], {
      bytes: code.bytes,
      relocations: code.relocations ?? [],
      reads: code.reads,
      writes: code.writes,
      stack: code.stack ?? 0,
      flags: "write",
      ...(code.site === undefined ? {} : { site: code.site }),
    });
  }

  /** Returns with the result in the registers named. */
  leave(results: readonly Reg[]): void {
    this.emit("ret", [], { reads: results });
  }
}
