import { beforeEach, describe, expect, it } from "vitest";
import { i, m, r, type Line } from "../../test/assemble.ts";
import { Guest, place } from "../../test/guest.ts";

const pointers = 0x3_0000;
const directory = 0x3_1000;
const table = 0x3_2000;
const P = 1;
const W = 2;
const U = 4;
const LARGE = 0x80;
const GLOBAL = 0x100;
/** Linear address that the tests map: the second 2 MB. */
const LINEAR = 0x20_0000;

let guest: Guest;

/** Sets the low and high half of an entry. */
function entry(address: number, low: number, high = 0): void {
  guest.word(address, low);
  guest.word(address + 4, high);
}

const NX = 1 << 31;
const write = (linear: number): Line => ["mov", m({ displacement: linear }), i(7)];
const read = (linear: number): Line => ["mov", r("ebx"), m({ displacement: linear })];

/** Identity-maps the first 2 MB for everyone and turns PAE paging on; NXE unless told otherwise. */
const enable = (controls = 0x20): Line[] => [
  ["mov", r("eax"), i(controls)],
  ["mov", r("cr4"), r("eax")],
  ["mov", r("eax"), i(pointers)],
  ["mov", r("cr3"), r("eax")],
  ["mov", r("ecx"), i(0xc0000080 | 0)],
  ["mov", r("eax"), i(0x800)],
  ["xor", r("edx"), r("edx")],
  ["wrmsr"],
  ["mov", r("eax"), i(0x80010011 | 0)],
  ["mov", r("cr0"), r("eax")],
];

beforeEach(() => {
  guest = new Guest();
  entry(pointers, directory | P);
  entry(directory, P | W | U | LARGE);
  entry(directory + 8, table | P | W | U);
  guest.ring(0);
});

function run(...lines: Line[]): ReturnType<Guest["run"]> {
  return guest.execute([...enable(), ...lines]);
}

describe("PAE paging", () => {
  it("maps pages of 4 KB, with accessed and dirty bits at the right levels", () => {
    entry(table, 0x2_0000 | P | W);
    guest.word(0x2_0010, 0x1234);
    expect(run(read(LINEAR + 0x10)).vector).toBeUndefined();
    expect(guest.get("ebx")).toBe(0x1234);
    expect([guest.read(directory + 8) & 0x60, guest.read(table) & 0x60]).toEqual([0x20, 0x20]);
    run(write(LINEAR + 0x10));
    expect([guest.read(0x2_0010), guest.read(directory + 8) & 0x60, guest.read(table) & 0x60]).toEqual([7, 0x20, 0x60]);
  });

  it("maps pages of 2 MB without CR4.PSE", () => {
    entry(directory + 8, P | W | LARGE);
    expect(run(write(LINEAR + 0x2_0020)).vector).toBeUndefined();
    expect([guest.read(0x2_0020), guest.read(directory + 8) & 0x60]).toEqual([7, 0x60]);
  });

  it("reaches physical addresses above 4 GB, which the bus answers", () => {
    entry(table, 0x1000 | P | W, 0xf);
    run(write(LINEAR + 0x18));
    expect(guest.written).toContainEqual([0xf_0000_1018, 4, 7]);
  });

  it.each([
    ["a bit above 36 of a table entry", table, P | W, 0x10, 9],
    ["bit 62 of a table entry", table, P | W, 1 << 30, 9],
    ["bit 13 of a large page's entry", directory + 8, P | W | LARGE | 0x2000, 0, 9],
    ["a bit above 36 of a directory entry", directory + 8, table | P | W, 0x10, 9],
    ["an absent entry, whatever else it holds", table, 0, -1, 0],
  ])("%s raises #PF", (_, address, low, high, error) => {
    if (address === table) entry(directory + 8, table | P | W);
    entry(address, low, high);
    expect(run(read(LINEAR))).toMatchObject({ vector: 14, error, cr2: LINEAR });
  });

  it("NX is reserved without EFER.NXE", () => {
    entry(table, P | W, NX);
    const lines = enable();
    lines.splice(5, 1, ["xor", r("eax"), r("eax")]);
    expect(guest.execute([...lines, read(LINEAR)])).toMatchObject({ vector: 14, error: 9 });
  });

  it("NX at any level forbids fetches and nothing else", () => {
    entry(table, 0x2_0000 | P | W, NX);
    guest.bytes[0x2_0000] = 0xf4;
    const call: Line[] = [
      ["mov", r("edi"), i(LINEAR)],
      ["jmp", r("edi")],
    ];
    expect(run(read(LINEAR), write(LINEAR + 8), ...call)).toMatchObject({ vector: 14, error: 0x11, eip: LINEAR, cr2: LINEAR });
    entry(table, 0x2_0000 | P | W);
    entry(directory + 8, table | P | W, NX);
    expect(run(...call)).toMatchObject({ vector: 14, error: 0x11 });
    entry(directory + 8, table | P | W);
    expect(run(...call)).toMatchObject({ vector: undefined, eip: LINEAR + 1 });
  });

  it("a fetch from an absent page tells I/D with NXE", () => {
    expect(run(["mov", r("edi"), i(LINEAR)], ["jmp", r("edi")])).toMatchObject({ vector: 14, error: 0x10, cr2: LINEAR });
  });

  it("the pointers are what they were when CR3 was loaded", () => {
    entry(table, 0x2_0000 | P | W);
    const forget: Line = ["mov", m({ displacement: pointers }), i(0)];
    expect(run(forget, read(LINEAR)).vector).toBeUndefined();
    guest.get("eip");
    const reload: Line[] = [
      ["mov", r("eax"), r("cr3")],
      ["mov", r("cr3"), r("eax")],
    ];
    entry(pointers, directory | P);
    entry(pointers + 8, 0);
    expect(run(...reload, read(0x4000_0000))).toMatchObject({ vector: 14, error: 0, cr2: 0x4000_0000 });
  });

  it("a reserved bit of a present pointer raises #GP(0) and changes nothing", () => {
    entry(pointers + 0x108, P | 2);
    entry(pointers + 0x100, directory | P);
    const load: Line[] = [
      ["mov", r("eax"), i(pointers + 0x100)],
      ["mov", r("cr3"), r("eax")],
    ];
    expect(run(...load)).toMatchObject({ vector: 13, error: 0 });
    expect(guest.processor.core.state.get(108 + 4)).toBe(pointers);
  });
});

describe("global pages", () => {
  const remap: Line = ["mov", m({ displacement: table }), i(0x2_1000 | P | W | GLOBAL)];
  const reload: Line[] = [
    ["mov", r("eax"), r("cr3")],
    ["mov", r("cr3"), r("eax")],
  ];
  const PGE = 0x80;

  const seenAfter = (controls: number, low: number, flush: readonly Line[]): number => {
    entry(table, 0x2_0000 | P | W | low);
    guest.word(0x2_0000, 0xaaaa);
    guest.word(0x2_1000, 0xbbbb);
    guest.execute([...enable(0x20 | controls), read(LINEAR), remap, ...flush, read(LINEAR)]);
    return guest.get("ebx");
  };

  it("survive a load of CR3 with CR4.PGE", () => {
    expect(seenAfter(PGE, GLOBAL, reload)).toBe(0xaaaa);
  });
  it("do not without CR4.PGE", () => {
    expect(seenAfter(0, GLOBAL, reload)).toBe(0xbbbb);
  });
  it("others do not", () => {
    expect(seenAfter(PGE, 0, reload)).toBe(0xbbbb);
  });
  it("go with INVLPG", () => {
    expect(seenAfter(PGE, GLOBAL, [["invlpg", m({ displacement: LINEAR })]])).toBe(0xbbbb);
  });
  it("go when CR4.PGE changes", () => {
    const toggle: Line[] = [
      ["mov", r("eax"), i(0x20)],
      ["mov", r("cr4"), r("eax")],
    ];
    expect(seenAfter(PGE, GLOBAL, toggle)).toBe(0xbbbb);
  });
});

describe("INVLPG", () => {
  it("forgets every part of a large page", () => {
    entry(directory + 8, P | W | LARGE | GLOBAL);
    entry(table, 0x2_1000 | P | W);
    guest.word(0x2_1000, 0xbbbb);
    guest.word(0, 0xaaaa);
    const small: Line = ["mov", m({ displacement: directory + 8 }), i(table | P | W)];
    run(read(LINEAR), small, ["invlpg", m({ displacement: LINEAR + 0x12_3456 })], read(LINEAR));
    expect(guest.get("ebx")).toBe(0xbbbb);
  });
});

describe("32-bit paging with large pages", () => {
  it("takes address bits 32 to 35 from bits 13 to 16", () => {
    guest.page();
    guest.ring(0);
    guest.word(place.directory + 4, 0x1e000 | 0x40_0000 | P | W | LARGE);
    guest.execute([["mov", m({ displacement: 0x40_0020 }), i(7)]]);
    expect(guest.written).toContainEqual([0xf_0040_0020, 4, 7]);
  });
  it("bits 17 to 21 are reserved", () => {
    guest.page();
    guest.ring(0);
    guest.word(place.directory + 4, 0x2_0000 | P | W | LARGE);
    expect(guest.execute([read(0x40_0020)])).toMatchObject({ vector: 14, error: 9 });
  });
});
