import { hypercalls, memoryMap, layoutOf, selectors, structures, type StructureName } from "@mercury/abi";
import { metal, type MetalExports, type MetalMocks } from "@mercury/toolchain/testing";
import {
  flagThunks,
  hypercallThunks,
  kernelStackTop,
  layKernel,
  nativeGdt,
  nativeTaskState,
  recordAddress,
  trapTableAddress,
  trapVectors,
  type FakeOptions,
} from "./fake-kernel.ts";

/** All of a 32-bit address space but its last page, so that the VMM's own addresses are what they are on the machine. */
const allPages = 65_535;
/** Where the stubs' data lies in these tests: behind the VMM's static data. */
const symbols = {
  vmm_constants: 0xfe20_0000,
  vmm_landing: 0xfe20_1000,
  vmm_gdt: 0xfe20_2000,
  vmm_gdtDescriptor: 0xfe20_2400,
  vmm_idtDescriptor: 0xfe20_2410,
  vmm_taskState: 0xfe20_2800,
  vmm_doubleFaultTaskState: 0xfe20_2900,
  vmm_trapHandlers: 0xfe20_3000,
  vmm_log: 0xfe20_4000,
  vmm_records: 0xfe21_0000,
  vmm_stackTop: 0xfe23_0000,
  vmm_doubleFaultStackTop: 0xfe23_4000,
  vmm_entries: 0xfe23_8000,
  vmm_doubleFault: 0xfe00_0100,
  vmm_exitEs: 0xfe00_0200,
  vmm_exitDs: 0xfe00_0201,
  vmm_exitReturn: 0xfe00_0202,
  "image.textEnd": 0xfe00_8000,
  "image.end": 0xfe24_0000,
} as const;

type Registers = Readonly<
  Partial<Record<"eax" | "ebx" | "ecx" | "edx" | "eip" | "cs" | "flags" | "esp" | "ss" | "error" | "vector", number>>
>;

/** Thrown where the VMM would turn the machine off. */
export class MachineOff extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`the VMM turned the machine off with ${code}`);
    this.code = code;
  }
}

/** The VMM's compiled code on memory and registers made up here; everything that it computes is its own. */
export class FakeMachine {
  readonly zoneFrames: number;
  readonly reserve: number;
  /** What the VMM sent to COM1. */
  console = "";
  registers: { cr0: number; cr2: number; cr3: number; cr4: number; dr7: number; fs: number; gs: number } = {
    cr0: 0x8001_0011,
    cr2: 0,
    cr3: memoryMap.zoneBase,
    cr4: 0x90,
    dr7: 0,
    fs: 0,
    gs: 0,
  };
  /** Port writes but those of the console, as `port:value`. */
  readonly ports: string[] = [];
  private readonly options: FakeOptions;
  private exports: MetalExports | undefined;
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(options: FakeOptions) {
    this.options = options;
    this.zoneFrames = Math.max(memoryMap.chunkSize, options.memoryBytes / 64) / memoryMap.pageSize;
    this.reserve = options.memoryBytes - memoryMap.chunkSize;
  }

  /** Compiles the VMM, lays out a kernel's master directory, record and trap table, and warms up. */
  static async start(root: URL, options: FakeOptions): Promise<FakeMachine> {
    const machine = new FakeMachine(options);
    const exports = await metal("@mercury/vmm/metal", root, machine.mocks(), { pages: allPages });
    machine.exports = exports;
    machine.view = new DataView(exports.memory.buffer);
    layKernel(machine, options);
    const result = machine.call("warmup", recordAddress);
    if (result !== 0) throw new Error(`the warm-up says ${result}`);
    return machine;
  }

  read(address: number): number {
    return this.view.getUint32(address >>> 0, true);
  }
  write(address: number, value: number): void {
    this.view.setUint32(address >>> 0, value >>> 0, true);
  }
  write16(address: number, value: number): void {
    this.view.setUint16(address >>> 0, value, true);
  }
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.view.buffer, address >>> 0, length);
  }
  field(structure: StructureName, base: number, name: string): number {
    return this.read(base + this.offset(structure, name));
  }

  call(name: string, ...parameters: readonly number[]): number {
    const target = this.exports?.[name];
    if (target === undefined) throw new Error(`the VMM exports no ${name}`);
    return Number(target(...parameters)) | 0;
  }

  /** Boots the kernel as the first domain and installs its trap table. */
  bootFirst(): void {
    this.call("bootFirst", memoryMap.kernelTextBase, kernelStackTop);
    this.hypercall(hypercalls.loadTraps.number, trapTableAddress, trapVectors.length);
  }

  /** An entry from ring 1, by a handler's name; the frame as the VMM leaves it. */
  enter(handler: "handleHypercall" | "handleException" | "handleInterrupt", registers: Registers): Readonly<Record<string, number>> {
    const frame = symbols.vmm_stackTop - structures.vmmFrame.size;
    const all = {
      cs: selectors.kernelCodeRing1,
      ss: selectors.kernelDataRing1,
      flags: 0x202,
      esp: kernelStackTop - 256,
      eip: memoryMap.kernelTextBase,
      ...registers,
    };
    for (const { name } of structures.vmmFrame.fields) {
      const value: unknown = Reflect.get(all, name);
      this.write(frame + this.offset("vmmFrame", name), typeof value === "number" ? value : 0);
    }
    this.call(handler, frame);
    return Object.fromEntries(structures.vmmFrame.fields.map(({ name }) => [name, this.field("vmmFrame", frame, name)]));
  }

  /** A hypercall's result. */
  hypercall(number: number, ebx = 0, ecx = 0, edx = 0): number {
    return (this.enter("handleHypercall", { eax: number, ebx, ecx, edx })["eax"] ?? 0) | 0;
  }

  get stackTop(): number {
    return symbols.vmm_stackTop;
  }

  get landing(): number {
    return symbols.vmm_landing;
  }
  /** One address in each thing that the seal covers. */
  get sealedPlaces(): readonly number[] {
    const chunkMap = symbols.vmm_constants + 2048;
    const kernelHalf = symbols.vmm_landing + 704 * 4;
    return [
      symbols.vmm_constants,
      symbols.vmm_constants + 0x83 * 8,
      chunkMap,
      chunkMap + 1020,
      kernelHalf,
      symbols.vmm_gdt + 12 * 8,
      symbols.vmm_taskState + 4,
    ];
  }
  get nativeGdt(): number {
    return nativeGdt;
  }
  get nativeTaskState(): number {
    return nativeTaskState;
  }
  get kernelStackTop(): number {
    return kernelStackTop;
  }
  /** Starts of two flag thunks, one behind the other. */
  get flagThunks(): readonly [number, number] {
    return [flagThunks, flagThunks + 32];
  }
  /** A hypercall thunk: its start, and the address behind its INT. */
  get hypercallThunk(): { readonly start: number; readonly afterInt: number } {
    return { start: hypercallThunks, afterInt: hypercallThunks + 10 };
  }
  handlerOf(vector: number): number {
    return memoryMap.kernelTextBase + 0x200 + vector * 16;
  }
  setShared(name: string, value: number): void {
    this.write(memoryMap.sharedPage + this.offset("sharedPage", name), value);
  }
  stat(name: string): number {
    return this.field("switchStats", memoryMap.sharedPage + this.offset("sharedPage", "stats"), name);
  }
  shared(name: string): number {
    return this.field("sharedPage", memoryMap.sharedPage, name);
  }

  machineOf(pseudo: number): number {
    const chunk = Math.floor(pseudo / memoryMap.chunkSize);
    return (this.options.machineChunks?.(chunk) ?? chunk) * memoryMap.chunkSize + (pseudo % memoryMap.chunkSize);
  }
  pseudoOf(machine: number): number {
    const chunk = Array.from({ length: this.options.memoryBytes / memoryMap.chunkSize }, (_, each) => each).find(
      (each) => this.machineOf(each * memoryMap.chunkSize) === machine - (machine % memoryMap.chunkSize),
    );
    return chunk === undefined ? machine : chunk * memoryMap.chunkSize + (machine % memoryMap.chunkSize);
  }
  /** Direct-map address of a zone frame. */
  tableAt(frame: number): number {
    return memoryMap.directMapBase + memoryMap.zoneBase + frame * memoryMap.pageSize;
  }
  tableMachine(frame: number): number {
    return this.machineOf(memoryMap.zoneBase + frame * memoryMap.pageSize);
  }
  record(frame: number): { epoch: number; type: number; hooks: number } {
    const at = symbols.vmm_records + frame * structures.zoneRecord.size;
    return { epoch: this.read(at), type: this.view.getUint8(at + 4), hooks: this.view.getUint16(at + 6, true) };
  }

  offset(structure: StructureName, name: string): number {
    const offset = layoutOf(structure, structures[structure]).get(name);
    if (offset === undefined) throw new Error(`${structure} has no field ${name}`);
    return offset;
  }

  private mocks(): MetalMocks {
    const { registers } = this;
    const nothing = (): void => {};
    return {
      sym: Object.fromEntries(Object.entries(symbols).map(([name, address]) => [name, (): number => address])),
      asm: { vmm_resume: nothing, vmm_ownSegments: nothing, vmm_kernelSegments: nothing },
      x86: {
        ...this.portMocks(),
        exchange32: (address: number, value: number): number => this.exchange(address, value),
        cpuid: (_leaf: number, _subleaf: number, result: number): void => this.write(result + 12, 0),
        readCr0: (): number => registers.cr0,
        writeCr0: (value: number): void => void (registers.cr0 = value >>> 0),
        readCr2: (): number => registers.cr2,
        readCr3: (): number => registers.cr3,
        writeCr3: (value: number): void => void (registers.cr3 = value >>> 0),
        readCr4: (): number => registers.cr4,
        writeCr4: (value: number): void => void (registers.cr4 = value >>> 0),
        readDr7: (): number => registers.dr7,
        writeDr7: (value: number): void => void (registers.dr7 = value >>> 0),
        readMsr: (): bigint => 0n,
        writeMsr: nothing,
        clearTaskSwitched: nothing,
        invalidatePage: nothing,
        loadGdt: nothing,
        loadIdt: nothing,
        loadTaskRegister: nothing,
        loadLdt: nothing,
        loadFs: (value: number): void => void (registers.fs = value),
        loadGs: (value: number): void => void (registers.gs = value),
        readFs: (): number => registers.fs,
        readGs: (): number => registers.gs,
        enableAndHalt: nothing,
        disableInterrupts: nothing,
        halt: nothing,
      },
    };
  }

  private portMocks(): MetalMocks[string] {
    const out = (port: number, value: number): void => {
      if (port === 0xf4) throw new MachineOff(value);
      if (port === 0x3f8) this.console += String.fromCharCode(value);
      else this.ports.push(`${port.toString(16)}:${(value & 0xff).toString(16)}`);
    };
    const read = (port: number): number => (port === 0x3fd ? 0x60 : 0xff);
    return { out8: out, out16: out, out32: out, in8: read, in16: read, in32: read };
  }

  private exchange(address: number, value: number): number {
    const old = this.read(address);
    this.write(address, value);
    return old;
  }
}
