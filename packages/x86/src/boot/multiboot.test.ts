import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MachineError } from "../errors.ts";
import { memoryMap } from "./memory-map.ts";
import { loadMultiboot } from "./multiboot.ts";

const mega = 0x10_0000;

/** A kernel without ELF: header with addresses, then some code, loaded at 1 MB. */
function flatKernel(change: (words: Uint32Array) => void = () => {}): Uint8Array {
  const words = new Uint32Array(32);
  words.set([0x1bad_b002, 0x0001_0003, 0, mega, mega, mega + 128, mega + 256, mega + 32]);
  words[2] = -(0x1bad_b002 + 0x0001_0003);
  words[8] = 0xf4f4_f4f4;
  change(words);
  return new Uint8Array(words.buffer);
}

/** The same in ELF: one segment, header behind the program header. */
function elfKernel(change: (view: DataView) => void = () => {}): Uint8Array {
  const file = new Uint8Array(256);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(24, mega + 12, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  [1, 128, 0xb010_0000, mega, 128, 4096].forEach((value, index) => view.setUint32(52 + 4 * index, value, true));
  [0x1bad_b002, 0, -0x1bad_b002].forEach((value, index) => view.setUint32(128 + 4 * index, value, true));
  change(view);
  return file;
}

const load = (
  image: Uint8Array,
  modules: { contents: Uint8Array; name: string }[] = [],
): { ram: Uint8Array; words: (at: number) => number; ebx: number; entry: number } => {
  const ram = new Uint8Array(4 * mega).fill(0xaa);
  const boot = loadMultiboot({ image, commandLine: "mode=native", modules }, ram, memoryMap(ram.length));
  expect(boot.registers.eax).toBe(0x2bad_b002);
  return { ram, words: (at) => new DataView(ram.buffer).getUint32(at, true), ebx: boot.registers.ebx ?? 0, entry: boot.entry };
};

const text = (ram: Uint8Array, at: number): string => new TextDecoder().decode(ram.subarray(at, ram.indexOf(0, at)));

describe("multiboot", () => {
  test("a kernel with addresses in its header is loaded, its bss cleared", () => {
    const { ram, entry, words } = load(flatKernel());
    expect(entry).toBe(mega + 32);
    expect(words(mega + 32)).toBe(0xf4f4_f4f4);
    expect(words(mega + 252)).toBe(0);
    expect(ram[mega + 256]).toBe(0xaa);
  });

  test("an ELF kernel is loaded at its physical addresses", () => {
    const { entry, words } = load(elfKernel());
    expect(entry).toBe(mega + 12);
    expect(words(mega)).toBe(0x1bad_b002);
    expect(words(mega + 4092)).toBe(0);
  });

  test("boot information stays clear of a kernel in low memory", () => {
    const start = 0x8000;
    const { ram, words, ebx } = load(flatKernel((header) => header.set([start, start, start + 128, 0xb800, start + 32], 3)));
    expect(ebx).toBe(0xc000);
    expect([words(start), text(ram, words(ebx + 16))]).toEqual([0x1bad_b002, "mode=native"]);
  });

  test("boot information: command line, memory map, modules on page boundaries behind the kernel", () => {
    const { ram, words, ebx } = load(elfKernel(), [
      { contents: Uint8Array.of(1, 2, 3), name: "one" },
      { contents: Uint8Array.of(4), name: "two" },
    ]);
    expect(text(ram, words(ebx + 16))).toBe("mode=native");
    expect(words(ebx + 20)).toBe(2);
    const modules = words(ebx + 24);
    expect([words(modules), words(modules + 4), words(modules + 16)]).toEqual([mega + 4096, mega + 4099, mega + 8192]);
    expect(text(ram, words(modules + 24))).toBe("two");
    const [length, map] = [words(ebx + 44), words(ebx + 48)];
    expect(length).toBe(4 * 24);
    const entry = (index: number): number[] => [4, 12, 20].map((offset) => words(map + 24 * index + offset));
    expect([0, 1, 2, 3].map(entry)).toEqual([
      [0, 0x9_fc00, 1],
      [0x9_fc00, 0x400, 2],
      [0xe_0000, 0x2_0000, 2],
      [mega, 3 * mega, 1],
    ]);
  });

  test.each([
    ["an empty file", new Uint8Array(0), "no header"],
    ["a wrong checksum", flatKernel((words) => (words[2] = 1)), "no header"],
    ["an unknown requirement", flatKernel((words) => words.set([0x0001_0007, -(0x1bad_b002 + 0x0001_0007)], 1)), "requires features 0x4"],
    ["a load range beyond the file", flatKernel((words) => (words[5] = mega + 999)), "999 bytes from offset 0; the file has 128"],
    ["a kernel larger than RAM", flatKernel((words) => (words[6] = 64 * mega)), "beyond the machine's 4 MB"],
    ["another processor's ELF", elfKernel((view) => view.setUint16(18, 62, true)), "offset 18: not for the Intel 80386"],
    ["a segment beyond the file", elfKernel((view) => view.setUint32(52 + 16, 129, true)), "reaches beyond the file's 256 bytes"],
    ["a segment beyond RAM", elfKernel((view) => view.setUint32(52 + 12, 0xffff_f000, true)), "beyond the machine's 4 MB"],
  ])("%s is refused with its reason", (_, image, message) => {
    expect(() => load(image)).toThrow(message);
  });

  test("whatever the file holds, it is loaded or refused with a MachineError", () => {
    const damage = fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(256), (bytes, length) => {
        const image = elfKernel();
        for (const [at, value] of bytes) image[at] = value;
        try {
          load(image.slice(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(MachineError);
        }
      }),
    );
  });
});
