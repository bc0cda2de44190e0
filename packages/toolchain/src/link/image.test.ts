import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { voOperationNumbers } from "@mercury/abi";
import { describe, expect, test } from "vitest";
import { type Assembler, createAssembler } from "../assembler/block.ts";
import { physical, symbol } from "../assembler/memory.ts";
import { eax } from "../assembler/registers.ts";
import type { CodeObject } from "../object.ts";
import { requireTool } from "../testing/tools.ts";
import { writeElf } from "./elf.ts";
import { type LinkedImage, linkImage } from "./image.ts";
import type { ImageSpec, ProgramObject } from "./spec.ts";

function link(write: (a: Assembler) => void, changes: Partial<ImageSpec> = {}): LinkedImage {
  const a = createAssembler();
  write(a);
  return linkImage({
    name: "test",
    program: null,
    stubs: a.finish(),
    textBase: 0xb010_0000,
    dataBase: 0xb020_0000,
    limit: 0xb040_0000,
    loadOffset: 0xb000_0000,
    entry: "start",
    siteTable: true,
    blobs: [],
    ...changes,
  });
}

function start(a: Assembler): void {
  a.procedure("start", { section: ".boot" });
  a.ret();
}

/** A program object with what the back end would give. */
function program(object: Partial<CodeObject>): ProgramObject {
  const empty = { functions: [], data: [], globals: [], table: [], tableSymbol: "table", staticEnd: 0xb020_1000, start: null };
  return { object: { ...empty, ...object }, locate: (offset) => ({ file: "/src/code.ts", line: offset }) };
}

function address(image: LinkedImage, name: string): number {
  const found = image.symbols.get(name);
  if (found === undefined) throw new Error(`no symbol ${name}`);
  return found.address;
}

/** The 32-bit word that is loaded at an address. */
function word(image: LinkedImage, at: number): number {
  const segment = image.segments.find(({ address: base, bytes }) => at >= base && at + 4 <= base + bytes.length);
  if (segment === undefined) throw new Error(`nothing at ${at}`);
  return new DataView(segment.bytes.buffer, segment.bytes.byteOffset).getUint32(at - segment.address, true);
}

describe("linkImage", () => {
  test("fills in linear, physical and relative addresses", () => {
    const image = link((a) => {
      start(a);
      a.procedure("code");
      a.mov(eax, symbol("cell", 4));
      a.mov(eax, physical("cell"));
      a.mov(eax, physical("start"));
      a.call(symbol("code"));
      a.data("cell");
      a.data32(symbol("code"), 0);
    });
    const code = address(image, "code");
    const cell = address(image, "cell");
    expect(word(image, code + 1)).toBe(cell + 4);
    expect(word(image, code + 6)).toBe(cell - 0xb000_0000);
    expect(word(image, code + 11)).toBe(0x0010_0000);
    expect(word(image, code + 16) | 0).toBe(-20);
    expect(word(image, cell)).toBe(code);
    expect(image.entry).toBe(0x0010_0000);
  });

  test("lays text out by section, whatever the order of writing", () => {
    const image = link((a) => {
      a.procedure("last");
      a.ret();
      a.procedure("hypercall", { section: ".thunks.hypercall" });
      a.ret();
      a.procedure("flag2", { section: ".thunks.flag" });
      a.ret();
      a.procedure("flag1", { section: ".thunks.flag" });
      a.ret();
      a.data("first", { section: ".header" });
      a.data32(1);
      start(a);
    });
    const order = ["first", "flag2", "flag1", "hypercall", "last"].map((name) => address(image, name));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(address(image, "image.flagThunksStart")).toBe(address(image, "flag2"));
    expect(address(image, "image.flagThunksEnd")).toBe(address(image, "flag1") + 1);
    expect(address(image, "image.hypercallThunksStart")).toBe(address(image, "hypercall"));
    const starts = address(image, "image.flagThunkStarts");
    expect(address(image, "image.flagThunkCount")).toBe(2);
    expect([word(image, starts), word(image, starts + 4)]).toEqual([address(image, "flag2"), address(image, "flag1")]);
  });

  test("places static data at its address, then globals, function table, stub data and zeroed data", () => {
    const code = {
      name: "f",
      aliases: ["alias"],
      code: Uint8Array.of(0xc3),
      alignment: 16,
      relocations: [],
      sites: [],
      lines: [],
      section: ".text",
    };
    const image = link(
      (a) => {
        start(a);
        a.data("stubData");
        a.data32(7);
        a.data("zeros", { section: ".bss" });
        a.zero(100);
      },
      {
        program: program({
          functions: [code],
          data: [{ address: 0xb020_0800 | 0, bytes: Uint8Array.of(1, 2, 3, 4) }],
          globals: [
            { name: "g4", size: 4, initial: -1n },
            { name: "g8", size: 8, initial: 0x1_0000_0002n },
          ],
          table: [null, "f"],
        }),
      },
    );
    expect(word(image, 0xb020_0800)).toBe(0x0403_0201);
    expect(address(image, "g4")).toBe(0xb020_1000);
    expect(word(image, address(image, "g4"))).toBe(0xffff_ffff);
    expect([word(image, address(image, "g8")), word(image, address(image, "g8") + 4)]).toEqual([2, 1]);
    const table = address(image, "table");
    expect([word(image, table), word(image, table + 4)]).toEqual([0, address(image, "f")]);
    expect(address(image, "alias")).toBe(address(image, "f"));
    expect(word(image, address(image, "stubData"))).toBe(7);
    const data = image.segments.find(({ name }) => name === "data");
    expect(address(image, "zeros")).toBeGreaterThanOrEqual(address(image, "image.dataEnd"));
    expect(data?.memorySize).toBe(address(image, "image.end") - 0xb020_0000);
    expect(address(image, "image.end")).toBe(address(image, "zeros") + 100);
  });

  test("lists every site with both bodies", () => {
    const image = link((a) => {
      start(a);
      a.procedure("trapExit");
      a.nop();
      a.site("returnFromTrap");
      a.procedure("thunk_returnFromTrap", { section: ".thunks.flag" });
      a.ret();
    });
    const site = address(image, "trapExit") + 1;
    const table = address(image, "image.siteTable");
    expect(image.sites).toEqual([{ address: site, length: 5, operation: "returnFromTrap" }]);
    expect(address(image, "image.siteCount")).toBe(1);
    expect(word(image, table)).toBe(site);
    expect(word(image, table + 4)).toBe(5 | ((voOperationNumbers["returnFromTrap"] ?? 0) << 16));
    expect(word(image, table + 8)).toBe(word(image, site));
    // E9 and the distance from the site's end to the thunk, in two overlapping words.
    const distance = address(image, "thunk_returnFromTrap") - (site + 5);
    expect(word(image, table + 20) | 0).toBe(distance);
    expect(word(image, table + 16) & 0xff).toBe(0xe9);
  });

  test("embeds blobs page-aligned behind the image, with symbols", () => {
    const ramdisk = Uint8Array.of(9, 8, 7);
    const image = link(start, {
      blobs: [
        { name: "vmm_image", bytes: new Uint8Array(5000), physical: "after" },
        { name: "ramdisk", bytes: ramdisk, physical: "after" },
      ],
    });
    expect(address(image, "vmm_image_start") % 4096).toBe(0);
    expect(address(image, "ramdisk_start")).toBe(address(image, "vmm_image_start") + 8192);
    expect(address(image, "ramdisk_end") - address(image, "ramdisk_start")).toBe(3);
    const segment = image.segments.find(({ name }) => name === "ramdisk");
    expect(segment).toMatchObject({ bytes: ramdisk, physical: address(image, "ramdisk_start") - 0xb000_0000 });
  });

  test.each<[string, (a: Assembler) => void, Partial<ImageSpec>, string]>([
    [
      "an undefined symbol, with its user",
      (a) => {
        start(a);
        a.call(symbol("nowhere"));
      },
      {},
      '"nowhere" is not defined (used by start)',
    ],
    ["a missing entry", start, { entry: "other" }, 'the entry "other" is not defined'],
    [
      "two symbols of one name",
      (a) => {
        start(a);
        a.entry("start");
      },
      {},
      '"start" is defined twice',
    ],
    [
      "an unknown section",
      (a) => {
        a.procedure("start", { section: ".odd" });
        a.ret();
      },
      {},
      'section ".odd"',
    ],
    [
      "bytes in zeroed data",
      (a) => {
        start(a);
        a.data("x", { section: ".bss" });
        a.data8(1);
      },
      {},
      "not zero",
    ],
    [
      "text that runs into data",
      (a) => {
        start(a);
        a.procedure("big");
        a.zero(0x100_0000);
        a.data("x");
        a.data8(1);
      },
      {},
      "text ends at",
    ],
    [
      "an image above its limit",
      (a) => {
        start(a);
        a.data("big", { section: ".bss" });
        a.zero(0x20_0001);
      },
      {},
      "above its limit 0xb0400000",
    ],
    [
      "a site whose thunk is missing",
      (a) => {
        start(a);
        a.site("enableInterrupts");
      },
      {},
      '"thunk_enableInterrupts" is not defined',
    ],
    [
      "static data below the data segment",
      start,
      { program: program({ data: [{ address: 0xb01f_0000, bytes: Uint8Array.of(1) }] }) },
      "below the data segment",
    ],
  ])("refuses %s", (_, write, changes, message) => {
    expect(() => link(write, changes)).toThrow(message);
  });
});

describe("writeElf", () => {
  const image = (): LinkedImage =>
    link(
      (a) => {
        start(a);
        a.data("stub", { section: ".data" });
        a.data32(symbol("inLines"));
      },
      {
        program: program({
          functions: [
            {
              name: "inLines",
              aliases: [],
              code: new Uint8Array(32).fill(0x90),
              alignment: 16,
              relocations: [],
              sites: [],
              lines: [
                { offset: 0, wasmOffset: 10 },
                { offset: 5, wasmOffset: 12 },
                { offset: 20, wasmOffset: 7 },
              ],
              section: ".text",
            },
          ],
        }),
      },
    );

  function withFile(bytes: Uint8Array, use: (file: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), "mercury-elf-"));
    try {
      const file = join(folder, "image.elf");
      writeFileSync(file, bytes);
      use(file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("tells a debugger the source line of every instruction", (context) => {
    requireTool(context, "gdb", "--version");
    const linked = image();
    const base = address(linked, "inLines");
    withFile(writeElf(linked), (file) => {
      const asks = [0, 4, 5, 19, 20, 31].flatMap((offset) => ["-ex", `info line *${base + offset}`]);
      const { stdout } = spawnSync("gdb", ["-batch", "-nx", ...asks, "-ex", "info symbol inLines", file], { encoding: "utf8" });
      const lines = [...stdout.matchAll(/Line (\d+) of "([^"]+)"/g)].map((match) => `${match[2]}:${match[1]}`);
      expect(lines).toEqual([10, 10, 12, 12, 7, 7].map((line) => `/src/code.ts:${line}`));
      expect(stdout).toContain("inLines in section .text");
    });
  });

  test("is an ELF that readelf takes without a complaint", (context) => {
    requireTool(context, "readelf", "--version");
    withFile(writeElf(image()), (file) => {
      const { stdout, stderr } = spawnSync("readelf", ["-W", "-h", "-l", "-S", "-s", "--debug-dump=decodedline", file], {
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(stdout).toMatch(/LOAD +0x\w+ 0x00100000 0x00100000 .* R E/);
      expect(stdout).toMatch(/LOAD +0x\w+ 0xb0100010 0x00100010 .* R E/);
      expect(stdout).toMatch(/LOAD +0x\w+ 0xb0200000 0x00200000 .* RW/);
    });
  });

  test("leaves symbols and lines out when asked", () => {
    const linked = image();
    const full = writeElf(linked);
    const bare = writeElf(linked, { debug: false });
    expect(bare.length).toBeLessThan(full.length);
    expect(Buffer.from(bare).includes("inLines")).toBe(false);
    expect(Buffer.from(full).includes("inLines")).toBe(true);
  });
});
