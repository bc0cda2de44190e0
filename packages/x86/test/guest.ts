import { resetState } from "../src/cpu/reset.ts";
import { cacheSegment, updateMode } from "../src/cpu/segments.ts";
import { readDescriptor } from "../src/cpu/descriptor.ts";
import { createProcessor, type Processor } from "../src/interpreter/processor.ts";
import type { CpuBus, Stop } from "../src/layer.ts";
import { flushAllTlbs } from "../src/mmu/tlb.ts";
import { readFlags, writeFlags } from "../src/state/flags.ts";
import { at, cr0, CS, DS, ES, FS, GS, LDTR, segment, SS, TR } from "../src/state/layout.ts";
import { assemble, type Line } from "./assemble.ts";

/** Physical addresses of what the guest is made of. */
export const place = {
  gdt: 0x1000,
  idt: 0x2000,
  tss: 0x3000,
  handlers: 0x4000,
  directory: 0x5000,
  lowTable: 0x6000,
  /** Tops of the stacks of rings 0 to 3; they grow down. */
  stacks: [0x8000, 0x9000, 0xa000, 0xb000],
  code: 0x10000,
  data: 0x20000,
} as const;

/** Selectors with their RPL; index 8 on is free for tests. */
export const selector = { code0: 0x08, data0: 0x10, code1: 0x19, data1: 0x21, code3: 0x2b, data3: 0x33, tss: 0x38, free: 0x40 } as const;

/** Access bytes without DPL: present, accessed. */
export const access = {
  code: 0x9b,
  data: 0x93,
  readOnly: 0x91,
  expandDown: 0x97,
  conforming: 0x9f,
  executeOnly: 0x99,
  tss32: 0x89,
  ldt: 0x82,
} as const;
/** G and D/B of a descriptor's second dword. */
export const FLAT = 0xc00000;
export const BIG = 0x400000;

/** What a run ended with: the vector whose handler halted, or undefined after HLT in the program. */
export interface Ending {
  readonly stop: Stop;
  readonly vector: number | undefined;
  readonly error: number | undefined;
  /** Saved by the exception, else the registers' own. */
  readonly eip: number;
  readonly cs: number;
  readonly eflags: number;
  readonly cr2: number;
  readonly cpl: number;
}

const withErrorCode: ReadonlySet<number> = new Set([8, 10, 11, 12, 13, 14, 17]);

/** A small protected-mode machine: flat segments for rings 0, 1 and 3, HLT behind every vector, paging when asked for. */
export class Guest {
  readonly processor: Processor;
  readonly ports: Map<number, number> = new Map();
  readonly written: [number, number, number][] = [];
  acknowledged = 0x20;
  /** Runs when a port or memory outside RAM is written. */
  onWrite: () => void = () => undefined;

  constructor(memory: number = 2 << 20) {
    const bus: CpuBus = {
      readPort: (port) => this.ports.get(port) ?? 0xff,
      writePort: (port, size, value) => this.#write(port, size, value),
      readMemory: () => 0x5a5a5a5a,
      writeMemory: (address, size, value) => this.#write(address, size, value),
      acknowledge: () => this.acknowledged,
      timeStamp: () => BigInt(this.processor.core.retired),
    };
    this.processor = createProcessor({ memory, bus });
    resetState(this.processor.core);
    this.#descriptors();
    const { state } = this.processor.core;
    state.set(at.cr0, cr0.PE | cr0.ET);
    state.set(at.gdtBase, place.gdt);
    state.set(at.gdtLimit, 0xfff);
    state.set(at.idtBase, place.idt);
    state.set(at.idtLimit, 0x7ff);
    cacheSegment(this.processor.core, TR, selector.tss, readDescriptor(this.processor.core, place.gdt + selector.tss));
    cacheSegment(this.processor.core, LDTR, 0, { address: 0, low: 0, high: 0x8200 });
    this.ring(0);
  }

  #write(address: number, size: number, value: number): void {
    this.written.push([address, size, value]);
    this.onWrite();
  }

  #descriptors(): void {
    const flat = (index: number, rights: number, dpl: number): void => this.descriptor(index, 0, 0xfffff, rights | (dpl << 5), FLAT);
    flat(1, access.code, 0);
    flat(2, access.data, 0);
    flat(3, access.code, 1);
    flat(4, access.data, 1);
    flat(5, access.code, 3);
    flat(6, access.data, 3);
    this.descriptor(7, place.tss, 0x67, access.tss32 | 2, 0);
    for (let vector = 0; vector < 256; vector++) {
      this.bytes.set([0xf4], place.handlers + vector * 4);
      this.gate(vector, selector.code0, place.handlers + vector * 4, 0x8e);
    }
    for (const level of [0, 1, 2] as const) {
      this.word(place.tss + 4 + level * 8, place.stacks[level]);
      this.word(place.tss + 8 + level * 8, [selector.data0, selector.data1, 0][level] ?? 0);
    }
    this.word(place.tss + 0x64, 0x680000);
  }

  get bytes(): Uint8Array {
    return this.processor.core.memory.ram;
  }

  word(address: number, value: number): void {
    this.processor.core.memory.view.setInt32(this.processor.core.memory.ramBase + address, value, true);
  }

  read(address: number): number {
    return this.processor.core.memory.view.getUint32(this.processor.core.memory.ramBase + address, true);
  }

  descriptor(index: number, base: number, limit: number, rights: number, flags: number, table: number = place.gdt): void {
    this.word(table + index * 8, (limit & 0xffff) | (base << 16));
    this.word(table + index * 8 + 4, ((base >>> 16) & 0xff) | (rights << 8) | (limit & 0xf0000) | flags | (base & 0xff000000));
  }

  /** A gate: in the IDT, or elsewhere; `type` is the access byte. */
  gate(index: number, target: number, offset: number, type: number, table: number = place.idt, parameters = 0): void {
    this.word(table + index * 8, (target << 16) | (offset & 0xffff));
    this.word(table + index * 8 + 4, (offset & 0xffff0000) | (type << 8) | parameters);
  }

  /** Goes to a ring with its flat segments and stack. */
  ring(level: 0 | 1 | 3): void {
    const { core } = this.processor;
    const code = [selector.code0, selector.code1, 0, selector.code3][level] ?? 0;
    const data = [selector.data0, selector.data1, 0, selector.data3][level] ?? 0;
    const load = (number: number, value: number): void => cacheSegment(core, number, value, readDescriptor(core, place.gdt + (value & ~7)));
    core.state.set(at.cpl, level);
    load(CS, code);
    for (const number of [SS, DS, ES, FS, GS]) load(number, data);
    core.state.set(at.esp, place.stacks[level]);
    updateMode(core);
  }

  /** Identity-maps the first 4 MB with small pages for everyone, and turns paging on with WP. */
  page(): void {
    const { core } = this.processor;
    this.word(place.directory, place.lowTable | 7);
    for (let page = 0; page < 512; page++) this.map(page << 12, (page << 12) | 7);
    core.state.set(at.cr3, place.directory);
    core.state.set(at.cr0, cr0.PE | cr0.PG | cr0.WP | cr0.ET);
    core.state.set(at.cr4, 0x10);
    flushAllTlbs(core);
    updateMode(core);
  }

  /** Sets the entry of a page below 4 MB. */
  map(linear: number, entry: number): void {
    this.word(place.lowTable + (linear >>> 12) * 4, entry);
  }

  set(name: "eax" | "ecx" | "edx" | "ebx" | "esp" | "ebp" | "esi" | "edi" | "cr3" | "cr4", value: number): void {
    this.processor.core.state.set(at[name], value);
  }

  get(name: "eax" | "ecx" | "edx" | "ebx" | "esp" | "ebp" | "esi" | "edi" | "eip" | "cr0" | "cr2" | "cpl" | "dr6"): number {
    return this.processor.core.state.get(at[name]) >>> 0;
  }

  selectorOf(number: number): number {
    return this.processor.core.segment(number, segment.selector);
  }

  get eflags(): number {
    return readFlags(this.processor.core.state);
  }

  set eflags(value: number) {
    writeFlags(this.processor.core.state, value);
    updateMode(this.processor.core);
  }

  /** Puts code at `address` and EIP to it. */
  load(lines: readonly Line[], address: number = place.code): void {
    const bytes = assemble(lines);
    this.processor.blocks.invalidate(this.processor.core.memory.ramBase + address, bytes.length);
    this.bytes.set(bytes, address);
    this.processor.core.state.set(at.eip, address);
    this.processor.core.state.set(at.activity, 0);
  }

  run(count = 10_000): Ending {
    const stop = this.processor.engine.run(count);
    const eip = this.get("eip");
    const vector = (eip - 1 - place.handlers) / 4;
    const handled = stop === "halted" && Number.isInteger(vector) && vector >= 0 && vector < 256;
    const { state } = this.processor.core;
    const cr2 = this.get("cr2");
    const cpl = this.get("cpl");
    if (!handled) return { stop, vector: undefined, error: undefined, eip, cs: this.selectorOf(CS), eflags: readFlags(state), cr2, cpl };
    const base = this.processor.core.segment(SS, segment.base);
    const top = base + this.get("esp") + (withErrorCode.has(vector) ? 4 : 0);
    const error = withErrorCode.has(vector) ? this.read(top - 4) : undefined;
    return { stop, vector, error, eip: this.read(top), cs: this.read(top + 4) & 0xffff, eflags: this.read(top + 8), cr2, cpl };
  }

  /** Loads and runs a program, HLT added. */
  execute(lines: readonly Line[], count?: number): Ending {
    this.load([...lines, [0xf4]]);
    return this.run(count);
  }
}
