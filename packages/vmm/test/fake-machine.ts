import { hypercalls, memoryMap, layoutOf, pageBits, selectors, structures, vectors, type StructureName } from "@mercury/abi";
import { metal, type MetalExports, type MetalMocks } from "@mercury/toolchain/testing";

/** All of a 32-bit address space but its last page, so that the VMM's own addresses are what they are on the machine. */
const allPages = 65_535;
const recordAddress = memoryMap.kernelDataBase + 0x1000;
const kernelStackTop = memoryMap.kernelDataBase + 0x8000;
const trapTableAddress = memoryMap.kernelDataBase + 0x2000;
const nativeGdt = memoryMap.kernelDataBase + 0x3000;
const nativeTaskState = memoryMap.kernelDataBase + 0x3200;
const siteTable = memoryMap.kernelDataBase + 0x9000;
const thunkStarts = memoryMap.kernelDataBase + 0x2800;
const flagThunks = memoryMap.kernelTextBase + 0x8000;
const hypercallThunks = flagThunks + 64;
const lines = Array.from({ length: 16 }, (_, line) => vectors.irqBase + line);
const trapVectors: readonly number[] = [vectors.generalProtection, vectors.pageFault, ...lines, vectors.systemCall];
const reservePages = memoryMap.chunkSize / memoryMap.pageSize;

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

export interface FakeOptions {
  readonly memoryBytes: number;
  /** Machine chunk of each pseudo-physical chunk; the identity unless given. */
  readonly machineChunks?: (chunk: number) => number;
  /** The kernel's sites; none unless given. */
  readonly sites?: readonly FakeSite[];
  /** Fields of the kernel's record that shall be wrong. */
  readonly record?: Readonly<Record<string, number>>;
}

/** A site with its two bodies, 4 to 8 bytes each; the native one stands in the text. */
export interface FakeSite {
  readonly address: number;
  readonly native: readonly number[];
  readonly virtual: readonly number[];
}

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
    machine.layKernel();
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

  private layKernel(): void {
    this.layMaster();
    for (let page = 0; page < reservePages; page++) this.write(memoryMap.vmmBase + memoryMap.chunkSize - memoryMap.pageSize + page * 4, 3);
    const chunks = this.options.memoryBytes / memoryMap.chunkSize;
    for (let chunk = 0; chunk < 512; chunk++) {
      const machine = chunk < chunks ? this.machineOf(chunk * memoryMap.chunkSize) / memoryMap.chunkSize : 0xffff;
      this.view.setUint16(memoryMap.sharedPage + this.offset("sharedPage", "machineChunk") + chunk * 2, machine, true);
    }
    this.layTraps();
    this.layThunks();
    this.laySites();
    this.write(nativeGdt + (selectors.userData & ~7) + 4, 0x00cf_f200);
    const chunkSize: number = memoryMap.chunkSize;
    const record: Record<string, number> = {
      magic: 0x4b52_434d,
      interfaceVersion: 1,
      masterDirectory: this.machineOf(memoryMap.zoneBase),
      zoneFrames: this.zoneFrames,
      memoryEnd: this.options.memoryBytes,
      vmmReserve: this.reserve,
      vmmReserveSize: chunkSize,
      trapTable: trapTableAddress,
      trapCount: trapVectors.length,
      textStart: memoryMap.kernelTextBase,
      textEnd: memoryMap.kernelTextBase + 0x1_0000,
      siteTable,
      siteCount: this.options.sites?.length ?? 0,
      flagThunksStart: flagThunks,
      flagThunksEnd: flagThunks + 64,
      flagThunkStarts: thunkStarts,
      flagThunkCount: 2,
      hypercallThunksStart: hypercallThunks,
      hypercallThunksEnd: hypercallThunks + 32,
      gdt: nativeGdt,
      taskState: nativeTaskState,
      ...this.options.record,
    };
    for (const [name, value] of Object.entries(record)) this.write(recordAddress + this.offset("kernelRecord", name), value);
  }

  /** Rows of trapEntry: vector, privilege, keepsInterrupts; then the handler. */
  private layTraps(): void {
    trapVectors.forEach((vector, row) => {
      this.write(trapTableAddress + row * 8, vector === vectors.systemCall ? vector | 0x0001_0300 : vector);
      this.write(trapTableAddress + row * 8 + 4, this.handlerOf(vector));
    });
  }

  /** Two flag thunks of 32 bytes; one hypercall thunk whose INT ends after 10 bytes. */
  private layThunks(): void {
    this.flagThunks.forEach((start, index) => this.write(thunkStarts + index * 4, start));
    this.bytes(hypercallThunks + 8, 2).set([0xcd, vectors.hypercall]);
  }

  /** Records of siteRecord: a body is its first four bytes and its last four. */
  private laySites(): void {
    this.options.sites?.forEach(({ address, native, virtual }, number) => {
      const at = siteTable + number * structures.siteRecord.size;
      this.bytes(address, native.length).set(native);
      this.write(at, address);
      this.view.setUint16(at + 4, native.length, true);
      [native, virtual].forEach((body, form) => {
        this.bytes(at + 8 + form * 8, 4).set(body.slice(0, 4));
        this.bytes(at + 12 + form * 8, 4).set(body.slice(-4));
      });
    });
  }

  private layMaster(): void {
    const master = memoryMap.directMapBase + memoryMap.zoneBase;
    const { present, writable, large, global } = pageBits;
    for (let chunk = 0; chunk < this.options.memoryBytes / memoryMap.chunkSize; chunk++) {
      this.write(
        master + (memoryMap.directMapBase / memoryMap.chunkSize + chunk) * 4,
        this.machineOf(chunk * memoryMap.chunkSize) | present | writable | large | global,
      );
    }
    this.write(
      master + (memoryMap.vmmBase / memoryMap.chunkSize) * 4,
      (this.reserve + memoryMap.chunkSize - memoryMap.pageSize) | present | writable,
    );
    for (let table = 0; table < 48; table++) {
      this.write(master + (memoryMap.leafAreaBase / memoryMap.chunkSize + table) * 4, this.tableMachine(1 + table) | present | writable);
    }
  }

  private mocks(): MetalMocks {
    const { registers } = this;
    const nothing = (): void => {};
    return {
      sym: Object.fromEntries(Object.entries(symbols).map(([name, address]) => [name, (): number => address])),
      asm: { vmm_resume: nothing },
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
