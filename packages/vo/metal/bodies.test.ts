import {
  gdtSlots,
  hypercalls,
  layoutOf,
  memoryMap,
  pageBits,
  selectors,
  structures,
  tableDelta,
  vectors,
  type StructureName,
} from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import { beforeEach, describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url);
/** Up to the window's end: the bodies run at the addresses that they have in the kernel. */
const pages = (memoryMap.tableWindowBase + memoryMap.tableWindowSize) / 0x1_0000;
const record = memoryMap.kernelDataBase;
const gdt = record + 0x400;
const idt = record + 0x1000;
const taskState = record + 0x800;
const master = 0;
const { present, writable, user, shared, copyOnWrite, accessed } = pageBits;

const offset = (structure: StructureName, name: string): number => layoutOf(structure, structures[structure]).get(name) ?? Number.NaN;

/** The kernel's memory, and what reached the machine. */
class Kernel {
  readonly ports: string[] = [];
  readonly calls: number[][] = [];
  readonly loaded: string[] = [];
  /** What the next hypercalls return. */
  result = 0;
  private exports: MetalExports | undefined;

  static async start(): Promise<Kernel> {
    const kernel = new Kernel();
    const load =
      (what: string) =>
      (value: number): void =>
        void kernel.loaded.push(`${what} ${(value >>> 0).toString(16)}`);
    kernel.exports = await metal(
      "@mercury/vo/metal",
      root,
      {
        x86: {
          out8: (port: number, value: number): void => void kernel.ports.push(`${port.toString(16)}:${value.toString(16)}`),
          hypercall: (...words: number[]): number => {
            kernel.calls.push(words.map((word) => word >>> 0));
            return kernel.result;
          },
          readCr0: (): number => 0x8001_0011 | 0,
          writeCr0: load("cr0"),
          readCr3: (): number => 0x40_0000,
          writeCr3: load("cr3"),
          loadGdt: load("gdt"),
          loadIdt: load("idt"),
          loadLdt: load("ldt"),
          loadTaskRegister: load("tr"),
        },
        asm: {
          native_reloadSegments: (): void => void kernel.loaded.push("segments"),
          virtual_refused: (error: number): never => {
            throw new Error(`refused with ${error}`);
          },
        },
        sym: {
          kernelRecord: (): number => record,
          native_gdt: (): number => gdt,
          native_idt: (): number => idt,
          native_taskState: (): number => taskState,
          native_gdtDescriptor: (): number => 0x11,
          native_idtDescriptor: (): number => 0x22,
        },
      },
      { pages },
    );
    // A machine address, which is another one where frames are shuffled.
    kernel.write(record + offset("kernelRecord", "masterDirectory"), 0x0140_0000);
    return kernel;
  }

  call(name: string, ...parameters: readonly number[]): void {
    const target = this.exports?.[name];
    if (target === undefined) throw new Error(`the layer exports no ${name}`);
    target(...parameters);
  }
  read(address: number): number {
    return this.view().getUint32(address, true);
  }
  write(address: number, value: number): void {
    this.view().setUint32(address, value >>> 0, true);
  }
  private view(): DataView {
    return new DataView(this.exports?.memory.buffer ?? new ArrayBuffer(0));
  }
}

/** Where a zone frame is read, and where its writes arrive. */
const read = (frame: number): number => memoryMap.directMapBase + memoryMap.zoneBase + frame * memoryMap.pageSize;
const written = (frame: number): number => read(frame) + tableDelta;

let kernel: Kernel;
beforeEach(async () => {
  kernel = await Kernel.start();
});

describe("native page tables", () => {
  test("a new directory has the master's kernel half and no user half", () => {
    for (let slot = 0; slot < 1024; slot++) {
      kernel.write(read(master) + slot * 4, slot + 1);
      kernel.write(written(5) + slot * 4, 0xdead);
    }
    kernel.call("native_prepareDirectory", read(5));
    for (let slot = 0; slot < 1024; slot++) expect(kernel.read(written(5) + slot * 4)).toBe(slot < 704 ? 0 : slot + 1);
  });

  test("fork takes write access from both, but not from what is shared or absent", () => {
    const page = 0x80_0000 | present | user;
    const entries = [page | writable | accessed, page, page | writable | shared, writable, 0];
    entries.forEach((entry, index) => kernel.write(read(5) + index * 4, entry));
    kernel.call("native_forkEntries", read(6), read(5), entries.length);
    const copies = entries.map((_, index) => kernel.read(written(6) + index * 4));
    expect(copies).toEqual([page | accessed | copyOnWrite, page, page | writable | shared, writable, 0]);
    expect(kernel.read(written(5))).toBe(page | accessed | copyOnWrite);
  });

  test("clearing and updating write through the window", () => {
    for (let index = 0; index < 4; index++) kernel.write(written(5) + index * 4, 7);
    kernel.call("native_clearEntries", read(5) + 4, 2);
    expect([0, 1, 2, 3].map((index) => kernel.read(written(5) + index * 4))).toEqual([7, 0, 0, 7]);
    const list = record + 0x3000;
    [read(5), 1, read(5) + 8, 2].forEach((word, index) => kernel.write(list + index * 4, word));
    kernel.call("native_updateEntries", list, 2);
    expect([kernel.read(written(5)), kernel.read(written(5) + 8)]).toEqual([1, 2]);
  });
});

describe("repairEntry", () => {
  test("natively writes through the direct map, with CR0.WP clear for the store alone", () => {
    kernel.call("native_repairEntry", read(5) + 12, 0x1234_5067);
    expect([kernel.read(read(5) + 12), kernel.loaded]).toEqual([0x1234_5067, ["cr0 80000011", "cr0 80010011"]]);
  });

  test("virtually is the VMM's", () => {
    kernel.call("virtual_repairEntry", read(5) + 12, 7);
    expect(kernel.calls).toEqual([[hypercalls.setEntry.number, read(5) + 12, 7, 0]]);
  });
});

describe("loadTraps", () => {
  const table = record + 0x4000;
  const systemCall = 0xb010_1234;
  const load = (body: "native" | "virtual"): void => {
    [vectors.systemCall | 0x0001_0300, systemCall, vectors.pageFault, 0xb010_5678].forEach((word, index) =>
      kernel.write(table + index * 4, word),
    );
    kernel.call(`${body}_loadTraps`, table, 2);
  };

  test("builds gates of the right kind and privilege, and flat segments", () => {
    load("native");
    const gate = (vector: number): number[] => [kernel.read(idt + vector * 8), kernel.read(idt + vector * 8 + 4)];
    expect(gate(vectors.systemCall)).toEqual([(selectors.kernelCode << 16) | 0x1234, (0xb010_0000 | 0xef00) >>> 0]);
    expect(gate(vectors.pageFault)).toEqual([(selectors.kernelCode << 16) | 0x5678, (0xb010_0000 | 0x8e00) >>> 0]);
    expect([kernel.read(gdt + gdtSlots.kernelCode * 8), kernel.read(gdt + gdtSlots.kernelCode * 8 + 4)]).toEqual([0xffff, 0x00cf_9a00]);
    expect(kernel.read(taskState + offset("taskState", "ss0"))).toBe(selectors.kernelData);
    expect(kernel.loaded).toEqual(["gdt 11", "ldt 0", "segments", `tr ${selectors.taskState.toString(16)}`, "idt 22"]);
  });

  test("opens the switch's gate only where there is a VMM, and reads its header only natively", () => {
    load("native");
    expect(kernel.read(idt + vectors.modeSwitch * 8)).toBe(0);
    kernel.write(record + offset("kernelRecord", "vmmReserve"), 0x0fc0_0000);
    // The header lies beyond this memory: a body that reads it in ring 1 would trap here as it would there.
    expect(() => load("virtual")).not.toThrow();
    expect(() => load("native")).toThrow();
  });

  test("tells the VMM, and writes the table down for a later switch", () => {
    load("virtual");
    expect(kernel.calls).toEqual([[hypercalls.loadTraps.number, table, 2, 0]]);
    expect([kernel.read(record + offset("kernelRecord", "trapTable")), kernel.read(record + offset("kernelRecord", "trapCount"))]).toEqual([
      table,
      2,
    ]);
    expect(kernel.loaded).toEqual([]);
  });
});

describe("lines", () => {
  const masks = (): number => kernel.read(memoryMap.sharedPage + offset("sharedPage", "lineMasks"));

  test("the shadow is what the controllers were told, and is kept in virtual mode", () => {
    kernel.call("native_initializeLines");
    expect([masks(), kernel.ports.slice(-2)]).toEqual([0xfffb, ["21:fb", "a1:ff"]]);
    kernel.call("native_unmaskLine", 8);
    expect([masks(), kernel.ports.at(-1)]).toEqual([0xfefb, "a1:fe"]);
    kernel.call("virtual_unmaskLine", 0);
    kernel.call("virtual_maskLine", 8);
    expect([masks(), kernel.calls.map(([number]) => number)]).toEqual([0xfffa, [hypercalls.unmaskLine.number, hypercalls.maskLine.number]]);
  });

  test("the end of an interrupt names its level, and the cascade's for the second controller", () => {
    kernel.call("native_acknowledgeLine", 4);
    kernel.call("native_acknowledgeLine", 8);
    expect(kernel.ports).toEqual(["20:64", "a0:60", "20:62"]);
  });
});

describe("virtual bodies", () => {
  test("a refusal does not come back", () => {
    kernel.result = -1;
    expect(() => kernel.call("virtual_releaseTable", read(5))).toThrow("refused with -1");
  });

  test("a long list goes in pieces that the VMM takes", () => {
    kernel.call("virtual_updateEntries", 0xb000_0000 | 0, 2500);
    expect(kernel.calls.map(([, list, count]) => [list, count])).toEqual([
      [0xb000_0000, 1024],
      [0xb000_2000, 1024],
      [0xb000_4000, 452],
    ]);
  });
});
