import { beforeEach, describe, expect, it } from "vitest";
import { i, m, r, type Line } from "../../test/assemble.ts";
import { Guest, place, selector } from "../../test/guest.ts";
import { updateMode } from "./segments.ts";
import { at } from "../state/layout.ts";

/** R/W field of DR7. */
const kind = { execute: 0, write: 1, io: 2, access: 3 } as const;
const TF = 0x100;
const RF = 0x1_0000;

let guest: Guest;
beforeEach(() => {
  guest = new Guest();
});

/** MOV DRn and DR7 for breakpoint `number`; `length` is the encoding of LEN. 16 bytes with the leading CR4 when `de`. */
function breakAt(number: 0 | 1 | 2 | 3, how: number, address: number, length = 0): Line[] {
  return [
    ["mov", r("eax"), i(address)],
    ["mov", r((["dr0", "dr1", "dr2", "dr3"] as const)[number]), r("eax")],
    ["mov", r("eax"), i((2 << (number * 2)) | (how << (16 + number * 4)) | (length << (18 + number * 4)))],
    ["mov", r("dr7"), r("eax")],
  ];
}
/** Bytes of the lines of `breakAt`. */
const SETUP = 5 + 3 + 5 + 3;
const start = place.code + SETUP;
const hits = (): number => guest.get("dr6") & 0xe00f;

describe("instruction breakpoints", () => {
  it("are faults before the instruction, with RF as it was", () => {
    const ending = guest.execute([...breakAt(1, kind.execute, start + 1), ["nop"], ["inc", r("ebx")], ["nop"]]);
    expect(ending).toMatchObject({ vector: 1, eip: start + 1 });
    expect([hits(), guest.get("ebx"), ending.eflags & RF]).toEqual([2, 0, 0]);
  });

  it("are passed once by IRET with RF, and RF is gone after the instruction", () => {
    // The loop comes back to the breakpoint after the instruction has run once.
    const lines: Line[] = [
      ["push", i(RF | 2)],
      ["push", i(selector.code0)],
      ["push", i(start + 11)],
      ["iret"],
      ["inc", r("ebx")],
      [0xeb, 0xfd],
    ];
    const bytes = 5 + 2 + 5 + 1;
    const target = start + bytes;
    lines[2] = ["push", i(target)];
    expect(guest.execute([...breakAt(0, kind.execute, target), ...lines])).toMatchObject({ vector: 1, eip: target });
    expect(guest.get("ebx")).toBe(1);
  });

  it("hit in a block that was decoded before they were set, through a link of branches too", () => {
    const loop: Line[] = [["inc", r("ebx")], ["nop"], ["dec", r("ecx")], [0x75, 0xfb]];
    guest.set("ecx", 3);
    guest.execute(loop);
    guest.set("ecx", 3);
    guest.set("ebx", 0);
    const core = guest.processor.core;
    guest.load(breakAt(0, kind.execute, place.code + 1), place.data);
    guest.run(4);
    guest.load([...loop, ["hlt"]]);
    expect(guest.run()).toMatchObject({ vector: 1, eip: place.code + 1 });
    expect([guest.get("ebx"), core.state.get(at.debugPending)]).toEqual([1, 0]);
  });

  it("wait while MOV SS holds debug exceptions", () => {
    const lines: Line[] = [["mov", r("edx"), r("ss")], ["mov", r("ss"), r("edx")], ["inc", r("ebx")], ["hlt"]];
    expect(guest.execute([...breakAt(0, kind.execute, start + 4), ...lines]).vector).toBeUndefined();
    expect(guest.get("ebx")).toBe(1);
  });
});

describe("data breakpoints", () => {
  const write = (address: number): Line => ["mov", m({ displacement: address }), i(7)];
  const read = (address: number): Line => ["mov", r("ebx"), m({ displacement: address })];

  it("are traps after the access, in the middle of a block", () => {
    const ending = guest.execute([...breakAt(2, kind.write, place.data, 3), write(place.data), ["inc", r("ecx")]]);
    expect(ending).toMatchObject({ vector: 1, eip: start + 10 });
    expect([hits(), guest.read(place.data), guest.get("ecx")]).toEqual([4, 7, 0]);
  });

  it.each([
    [kind.write, false, false],
    [kind.access, false, true],
    [kind.write, true, true],
    [kind.access, true, true],
  ])("of kind %i: write %s hits %s", (how, writes, expected) => {
    guest.execute([...breakAt(0, how, place.data, 3), writes ? write(place.data) : read(place.data)]);
    expect(hits() === 1).toBe(expected);
  });

  it.each([
    [1, 0, 0, true],
    [1, 0, -4, false],
    [1, 0, -3, true],
    [1, 0, 1, false],
    [2, 1, 1, true],
    [2, 1, 2, false],
    [4, 3, 3, true],
    [4, 3, 4, false],
    [4, 3, -4, false],
  ])("of %i bytes (LEN %i): four bytes at offset %i hit: %s", (_, length, offset, expected) => {
    guest.execute([...breakAt(0, kind.access, place.data + 0x40, length), read(place.data + 0x40 + offset)]);
    expect(hits() === 1).toBe(expected);
  });

  it("trap after each iteration of a repeated instruction, with RF saved", () => {
    guest.set("edi", place.data - 4);
    guest.set("ecx", 4);
    const ending = guest.execute([...breakAt(0, kind.write, place.data, 3), [0xf3, 0xab]]);
    expect(ending).toMatchObject({ vector: 1, eip: start });
    expect([guest.get("ecx"), ending.eflags & RF]).toEqual([2, RF]);
  });

  it("trap after the last iteration with RF as it was", () => {
    guest.set("edi", place.data);
    guest.set("ecx", 1);
    const ending = guest.execute([...breakAt(0, kind.write, place.data, 3), [0xf3, 0xab]]);
    expect([ending.eip, ending.eflags & RF]).toEqual([start + 2, 0]);
  });

  it("are held by MOV SS until after the next instruction, an INT included", () => {
    guest.word(place.data, selector.data0);
    const load: Line = [0x8e, 0x15, 0, 0, 2, 0];
    expect(guest.execute([...breakAt(0, kind.access, place.data), load, ["inc", r("ebx")], ["nop"]])).toMatchObject({
      vector: 1,
      eip: start + 6 + 1,
    });
    const again = new Guest();
    guest = again;
    guest.word(place.data, selector.data0);
    guest.execute([...breakAt(0, kind.access, place.data), load, ["int", i(0x50)]]);
    // The handler of the INT has not begun.
    expect(guest.read(guest.get("esp"))).toBe(place.handlers + 0x50 * 4);
  });

  it("held by MOV SS come together with INT1", () => {
    guest.word(place.data, selector.data0);
    const ending = guest.execute([...breakAt(0, kind.access, place.data), [0x8e, 0x15, 0, 0, 2, 0], [0xf1], ["nop"]]);
    expect(ending).toMatchObject({ vector: 1, eip: start + 7 });
    expect([hits(), guest.processor.core.state.get(at.debugPending)]).toEqual([1, 0]);
  });

  it("see what the processor itself pushes", () => {
    const ending = guest.execute([...breakAt(0, kind.write, (guest.get("esp") - 4) & ~3, 3), ["int", i(0x50)]]);
    expect([ending.vector, hits()]).toEqual([1, 1]);
    expect(guest.read(guest.get("esp"))).toBe(place.handlers + 0x50 * 4);
  });

  it("end with the block's last instruction as well", () => {
    guest.set("edi", start + 9);
    guest.word(place.data, start + 7);
    expect(guest.execute([...breakAt(0, kind.access, place.data), [0xff, 0x25, 0, 0, 2, 0], ["nop"], ["inc", r("ebx")]])).toMatchObject({
      vector: 1,
      eip: start + 7,
    });
    expect(guest.get("ebx")).toBe(0);
  });
});

describe("I/O breakpoints", () => {
  const DE: Line[] = [
    ["mov", r("eax"), i(8)],
    ["mov", r("cr4"), r("eax")],
  ];
  it("are traps with CR4.DE", () => {
    const lines: Line[] = [...DE, ...breakAt(3, kind.io, 0x80), ["in", r("al"), i(0x80)], ["nop"]];
    expect(guest.execute(lines)).toMatchObject({ vector: 1, eip: start + 8 + 2 });
    expect(hits()).toBe(8);
  });
  it("mean nothing without", () => {
    expect(guest.execute([...breakAt(3, kind.io, 0x80), ["in", r("al"), i(0x80)]]).vector).toBeUndefined();
  });
});

describe("single step", () => {
  it("traps after every iteration of REP", () => {
    guest.set("edi", place.data);
    guest.set("ecx", 3);
    guest.load([[0xf3, 0xaa], ["hlt"]]);
    guest.eflags = TF | 2;
    const ending = guest.run();
    expect(ending).toMatchObject({ vector: 1, eip: place.code });
    expect([hits(), guest.get("ecx"), ending.eflags & RF]).toEqual([0x4000, 2, RF]);
  });
  it("is held by MOV SS, not by STI", () => {
    guest.set("edx", selector.data0);
    guest.load([["mov", r("ss"), r("edx")], ["nop"], ["hlt"]]);
    guest.eflags = TF | 2;
    expect(guest.run()).toMatchObject({ vector: 1, eip: place.code + 3 });
    guest = new Guest();
    guest.load([["sti"], ["nop"], ["hlt"]]);
    guest.eflags = TF | 2;
    expect(guest.run()).toMatchObject({ vector: 1, eip: place.code + 1 });
  });
  it("does not trap in the handler of INT", () => {
    guest.load([["int", i(0x50)], ["hlt"]]);
    guest.eflags = TF | 2;
    expect(guest.run()).toMatchObject({ vector: 0x50 });
  });
});

describe("general detect", () => {
  it("raises #DB before a debug register is touched, and lets the handler touch them", () => {
    const lines: Line[] = [
      ["mov", r("eax"), i(0x2000)],
      ["mov", r("dr7"), r("eax")],
      ["mov", r("ebx"), r("dr0")],
    ];
    const ending = guest.execute(lines);
    expect(ending).toMatchObject({ vector: 1, eip: place.code + 8 });
    // A fault, and not that of an instruction breakpoint.
    expect(ending.eflags & RF).toBe(RF);
    expect([hits(), guest.processor.core.state.get(at.dr7) & 0x2000]).toEqual([0x2000, 0]);
  });
});

describe("alignment check", () => {
  const AC = 0x4_0000;
  const AM: Line[] = [
    ["mov", r("eax"), r("cr0")],
    [0x0d, 0, 0, 4, 0],
    ["mov", r("cr0"), r("eax")],
  ];
  const check = (ring: 0 | 3, flags: number, line: Line): ReturnType<Guest["run"]> => {
    guest.execute(AM);
    guest.ring(ring);
    guest.eflags = flags | 2;
    return guest.execute([line]);
  };
  const word = (address: number): Line => [0x66, 0xa1, address & 0xff, (address >>> 8) & 0xff, (address >>> 16) & 0xff, 0];

  it("raises #AC(0) in ring 3 with AM and AC", () => {
    expect(check(3, AC, ["mov", r("ebx"), m({ displacement: place.data + 2 })])).toMatchObject({ vector: 17, error: 0, eip: place.code });
  });
  it.each([
    ["an aligned double word", 3, AC, ["mov", r("ebx"), m({ displacement: place.data + 4 })]],
    ["a word at an even address", 3, AC, word(place.data + 2)],
    ["ring 0", 0, AC, ["mov", r("ebx"), m({ displacement: place.data + 2 })]],
    ["AC clear", 3, 0, ["mov", r("ebx"), m({ displacement: place.data + 2 })]],
  ] as const)("passes %s", (_, ring, flags, line) => {
    // In ring 3 the HLT that ends the program is forbidden.
    expect(check(ring, flags, line as Line).vector).toBe(ring === 3 ? 13 : undefined);
  });
  it("begins with the instruction after POPF has set AC", () => {
    guest.execute(AM);
    guest.ring(3);
    const lines: Line[] = [["push", i(AC | 2)], ["popf"], ["mov", r("ebx"), m({ displacement: place.data + 1 })]];
    expect(guest.execute(lines)).toMatchObject({ vector: 17, eip: place.code + 6 });
  });
  // SDM 3A table 6-7; images of the x87 unit are aligned as their fields are.
  it.each([
    ["FLD m64", [0xdd, 0x05], 8, 4],
    ["FISTP m64", [0xdf, 0x3d], 8, 4],
    ["FLD m80", [0xdb, 0x2d], 8, 4],
    ["FSTP m80", [0xdb, 0x3d], 8, 4],
    ["MOVQ from memory", [0x0f, 0x6f, 0x05], 8, 4],
    ["MOVQ to memory", [0x0f, 0x7f, 0x05], 8, 4],
    ["FNSAVE", [0xdd, 0x35], 4, 2],
    ["FRSTOR", [0xdd, 0x25], 4, 2],
    ["FNSAVE of 16 bits", [0x66, 0xdd, 0x35], 2, 1],
    ["FXSAVE", [0x0f, 0xae, 0x05], 16, 8],
    ["FXRSTOR", [0x0f, 0xae, 0x0d], 32, 33],
  ] as const)("%s wants its own alignment", (_, bytes, aligned, odd) => {
    const at = (offset: number): Line => [...bytes, offset, 0, 2, 0];
    expect(check(3, AC, at(aligned)).vector).toBe(13);
    guest = new Guest();
    expect(check(3, AC, at(odd))).toMatchObject({ vector: 17, error: 0, eip: place.code });
  });
  it("MASKMOVQ and unaligned moves want what they move", () => {
    expect(check(3, AC, [0x0f, 0xf7, 0xc1]).vector).toBe(13);
    guest.set("edi", place.data + 4);
    expect(check(3, AC, [0x0f, 0xf7, 0xc1])).toMatchObject({ vector: 17 });
    guest.processor.core.state.set(at.cr4, 0x200);
    updateMode(guest.processor.core);
    expect(check(3, AC, [0x0f, 0x10, 0x05, 8, 0, 2, 0])).toMatchObject({ vector: 17 });
  });
  it("CMPXCHG8B wants eight bytes", () => {
    expect(check(3, AC, [0x0f, 0xc7, 0x0d, 4, 0, 2, 0])).toMatchObject({ vector: 17 });
  });
});
