import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MachineError } from "../errors.ts";
import { kernelFormat } from "./format.ts";
import { loadLinux } from "./linux.ts";
import { memoryMap } from "./memory-map.ts";

const mega = 0x10_0000;
const setupSize = 512 * 3;
const payload = 64;

/** A bzImage of protocol 2.15: two sectors of setup, a protected-mode kernel of 64 bytes for 1 MB that needs 2 MB. */
function bzImage(change: (view: DataView) => void = () => {}): Uint8Array {
  const file = new Uint8Array(setupSize + payload);
  const view = new DataView(file.buffer);
  file.fill(0xf4, setupSize);
  view.setUint8(0x1f1, 2);
  view.setUint32(0x1f4, payload / 16, true);
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint16(0x200, 0x6aeb, true);
  view.setUint32(0x202, 0x5372_6448, true);
  view.setUint16(0x206, 0x020f, true);
  view.setUint8(0x211, 1);
  view.setUint32(0x214, mega, true);
  view.setUint32(0x22c, 0x37ff_ffff, true);
  view.setUint32(0x238, 100, true);
  view.setUint32(0x258, mega, true);
  view.setUint32(0x260, mega, true);
  change(view);
  return file;
}

/** An ELF without multiboot header: one segment at 1 MB. */
function vmlinux(): Uint8Array {
  const file = new Uint8Array(256);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(24, mega + 16, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  [1, 128, 0xc010_0000, mega, 128, 4096].forEach((value, index) => view.setUint32(52 + 4 * index, value, true));
  return file;
}

interface Loaded {
  readonly ram: Uint8Array;
  readonly word: (at: number) => number;
  readonly parameters: number;
  readonly entry: ReturnType<typeof loadLinux>;
}

function load(kernel: Uint8Array, initrd: readonly Uint8Array[] = [], commandLine = "console=ttyS0"): Loaded {
  const ram = new Uint8Array(4 * mega).fill(0xaa);
  const entry = loadLinux({ kernel, initrd, commandLine }, ram, memoryMap(ram.length));
  return { ram, word: (at) => new DataView(ram.buffer).getUint32(at, true), parameters: entry.registers.esi ?? 0, entry };
}

const text = (ram: Uint8Array, at: number): string => new TextDecoder().decode(ram.subarray(at, ram.indexOf(0, at)));

describe("the Linux boot protocol", () => {
  test("a bzImage lies at its address, its header in an otherwise empty zero page", () => {
    const { ram, word, parameters, entry } = load(bzImage());
    expect(entry).toMatchObject({ entry: mega, code: 0x10, data: 0x18 });
    expect([...ram.subarray(mega, mega + payload + 1)]).toEqual([...Array.from({ length: payload }, () => 0xf4), 0xaa]);
    expect(word(parameters + 0x202)).toBe(0x5372_6448);
    expect(ram[parameters + 0x210]).toBe(0xff);
    expect(text(ram, word(parameters + 0x228))).toBe("console=ttyS0");
    expect([word(parameters + 0x218), word(parameters + 0x21c)]).toEqual([0, 0]);
    // The sentinel, which must be 0, and what the setup code would have filled in.
    expect(ram[parameters + 0x1ef]).toBe(0);
    expect(ram.subarray(parameters + 4, parameters + 0x1e0).every((byte) => byte === 0)).toBe(true);
  });

  test("the descriptor table holds flat segments for the selectors in use", () => {
    const { word, entry } = load(bzImage());
    const base = entry.gdt?.base ?? 0;
    expect(entry.gdt?.limit).toBe(0x1f);
    expect([0x10, 0x14, 0x18, 0x1c].map((offset) => word(base + offset))).toEqual([0xffff, 0x00cf_9b00, 0xffff, 0x00cf_9300]);
  });

  test("the memory map has usable memory below 640 KB and above 1 MB", () => {
    const { ram, word, parameters } = load(bzImage());
    expect(ram[parameters + 0x1e8]).toBe(4);
    const usable = [0, 1, 2, 3].map((index) => parameters + 0x2d0 + 20 * index).filter((at) => word(at + 16) === 1);
    expect(usable.map((at) => [word(at), word(at + 8)])).toEqual([
      [0, 0x9_fc00],
      [mega, 3 * mega],
    ]);
    expect(word(parameters + 0x1e0)).toBe(3 * 1024);
  });

  test("RAM disks lie one behind the other at the top of memory, each at a multiple of 4", () => {
    const { ram, word, parameters } = load(bzImage(), [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]);
    const start = word(parameters + 0x218);
    expect([start, word(parameters + 0x21c)]).toEqual([4 * mega - 4096, 6]);
    expect([...ram.subarray(start, start + 3), ...ram.subarray(start + 4, start + 6)]).toEqual([1, 2, 3, 4, 5]);
  });

  test("a RAM disk ends where the kernel still finds it", () => {
    const kernel = bzImage((view) => view.setUint32(0x22c, 3 * mega - 1, true));
    const { word, parameters } = load(kernel, [new Uint8Array(5000)]);
    expect(word(parameters + 0x218)).toBe(3 * mega - 8192);
  });

  test("a vmlinux is entered at its entry point with a header of the loader's", () => {
    const { word, parameters, entry } = load(vmlinux(), [Uint8Array.of(9)]);
    expect(entry.entry).toBe(mega + 16);
    expect([word(parameters + 0x202), word(parameters + 0x21c)]).toEqual([0x5372_6448, 1]);
  });

  test("the format is told from the contents", () => {
    expect([bzImage(), vmlinux(), new Uint8Array(4096)].map(kernelFormat)).toEqual(["linux", "linux", undefined]);
  });

  test.each([
    ["no boot flag", bzImage((view) => view.setUint16(0x1fe, 0, true)), "offset 0x1fe: not a Linux kernel"],
    ["an old protocol", bzImage((view) => view.setUint16(0x206, 0x0201, true)), "offset 0x206: the kernel speaks boot protocol 2.01"],
    ["a zImage", bzImage((view) => view.setUint8(0x211, 0)), "offset 0x211: the kernel is a zImage"],
    ["a 64-bit kernel", bzImage((view) => view.setUint16(0x236, 1, true)), "offset 0x236: the kernel is for 64-bit processors"],
    ["setup code longer than the file", bzImage((view) => view.setUint8(0x1f1, 3)), "begin at 2048, but the file has 1600 bytes"],
    [
      "a file that is cut off",
      bzImage((view) => view.setUint32(0x1f4, payload / 16 + 3, true)),
      "at least 33 bytes of the kernel are missing",
    ],
    [
      "a kernel larger than the machine",
      bzImage((view) => view.setUint32(0x260, 64 * mega, true)),
      "needs 65 MB to start; the machine has 4",
    ],
    ["neither bzImage nor ELF", new Uint8Array(4096), "neither a bzImage"],
  ])("%s is refused with its reason", (_, kernel, message) => {
    expect(() => load(kernel)).toThrow(message);
  });

  test("what does not fit is refused", () => {
    expect(() => load(bzImage(), [new Uint8Array(3 * mega)])).toThrow("the RAM disk of 3145728 bytes does not fit");
    expect(() => load(bzImage(), [], "x".repeat(101))).toThrow("the command line has 101 bytes; the kernel takes at most 100");
  });

  test("whatever the header holds, it is loaded or refused with a MachineError", () => {
    const damage = fc.array(fc.tuple(fc.integer({ min: 0x1f1, max: 0x268 }), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(setupSize + payload), (bytes, length) => {
        const kernel = bzImage();
        for (const [at, value] of bytes) kernel[at] = value;
        try {
          load(kernel.slice(0, length), [Uint8Array.of(1)]);
        } catch (error) {
          expect(error).toBeInstanceOf(MachineError);
        }
      }),
    );
  });
});
