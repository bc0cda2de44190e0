import { describe, expect, it } from "vitest";
import { far, i, r, type Line } from "../../test/assemble.ts";
import { access, Guest, place, selector } from "../../test/guest.ts";
import { at, cr0, CS, SS, TR } from "../state/layout.ts";
import { updateMode } from "./segments.ts";

const TARGET = place.code + 0x800;
const callFar: Line = ["callf", far(selector.free, 0)];

/** A call gate of DPL 3 in the free slot. */
function withGate(target: number, parameters = 0): Guest {
  const guest = new Guest();
  guest.gate(selector.free / 8, target, TARGET, 0xec, place.gdt, parameters);
  guest.load([["ud2"]], TARGET);
  return guest;
}

describe("call gates (SDM 3A 5.8.3 to 5.8.6)", () => {
  it("lead to an inner ring, with the old stack and the parameters on the new one", () => {
    const guest = withGate(selector.code0, 2);
    guest.ring(3);
    guest.load([["lsl", r("eax"), r("ebx")], ["nop"], ["hlt"]], TARGET);
    const ending = guest.execute([["push", i(0x11)], ["push", i(0x22)], callFar]);
    expect(ending).toMatchObject({ stop: "halted", cpl: 0 });
    expect(guest.selectorOf(SS)).toBe(selector.data0);
    const top = guest.get("esp");
    expect(top).toBe(place.stacks[0] - 24);
    const frame = Array.from({ length: 6 }, (_, index) => guest.read(top + index * 4));
    expect(frame).toEqual([place.code + 11, selector.code3, 0x22, 0x11, place.stacks[3] - 8, selector.data3]);
  });

  it("RETF goes back out and releases the parameters of both stacks", () => {
    const guest = withGate(selector.code0, 2);
    guest.load([["retf", i(8)]], TARGET);
    guest.ring(3);
    const ending = guest.execute([["push", i(0x11)], ["push", i(0x22)], callFar, ["ud2"]]);
    expect(ending).toMatchObject({ vector: 6, cs: selector.code3, eip: place.code + 11 });
    expect(guest.read(guest.get("esp") + 12)).toBe(place.stacks[3]);
  });

  it("to the same ring push no stack", () => {
    const guest = withGate(selector.code0);
    guest.execute([callFar]);
    expect(guest.get("esp")).toBe(place.stacks[0] - 8 - 12);
  });

  it.each([
    ["with DPL below RPL", 0x8c, selector.code0, 13, selector.free],
    ["that are absent", 0x6c, selector.code0, 11, selector.free],
    ["with a null selector", 0xec, 0, 13, 0],
    ["to data", 0xec, selector.data0, 13, selector.data0],
  ])("%s fault", (_, type, target, vector, error) => {
    const guest = new Guest();
    guest.gate(selector.free / 8, target, TARGET, type, place.gdt);
    guest.ring(3);
    expect(guest.execute([callFar])).toMatchObject({ vector, error, eip: place.code });
  });

  it("a jump cannot go to an inner ring through one", () => {
    const guest = withGate(selector.code0);
    guest.ring(3);
    expect(guest.execute([["jmpf", far(selector.free, 0)]])).toMatchObject({ vector: 13, error: selector.code0 });
  });

  it("with a bad stack in the TSS raise #TS(SS)", () => {
    const guest = withGate(selector.code0);
    guest.word(place.tss + 8, selector.data3);
    guest.ring(1);
    const ending = guest.execute([callFar]);
    // The handler needs the same stack, so #TS and the next make a double fault, and that one shuts down.
    expect(ending.stop).toBe("triple-fault");
  });
});

describe("conforming code", () => {
  it("runs at the caller's privilege", () => {
    const guest = new Guest();
    guest.descriptor(selector.free / 8, 0, 0xfffff, access.conforming, 0xc00000);
    guest.load([["ud2"]], TARGET);
    guest.ring(3);
    expect(guest.execute([["callf", far(selector.free, TARGET)]])).toMatchObject({ vector: 6, cs: selector.free | 3 });
  });
});

describe("16-bit code", () => {
  it("counts its operands and addresses in 16 bits, and EIP too", () => {
    const guest = new Guest();
    guest.descriptor(selector.free / 8, place.code, 0xffff, access.code, 0);
    guest.bytes.set([0xb8, 0x34, 0x12, 0x05, 0x01, 0xf0, 0x66, 0xf4], place.code + 0x900);
    guest.execute([
      ["mov", r("eax"), i(-1)],
      ["jmpf", far(selector.free, 0x900)],
    ]);
    expect(guest.get("eax")).toBe(0xffff0235);
    expect(guest.get("eip")).toBe(0x908);
  });
});

describe("hardware task switch (SDM 3A 7.3)", () => {
  const other = place.data;

  function withTask(): Guest {
    const guest = new Guest();
    guest.descriptor(selector.free / 8, other, 0x67, access.tss32, 0);
    const words: [number, number][] = [
      [0x20, TARGET],
      [0x24, 2],
      [0x28, 0x77],
      [0x38, 0x7800],
      [0x48, 0x10],
      [0x4c, 8],
      [0x50, 0x10],
      [0x54, 0x10],
      [0x58, 0],
      [0x5c, 0],
    ];
    for (const [offset, value] of words) guest.word(other + offset, value);
    return guest;
  }
  const type = (guest: Guest, index: number): number => (guest.read(place.gdt + index * 8 + 4) >>> 8) & 15;

  it("a call saves, links, sets NT and TS; IRET comes back", () => {
    const guest = withTask();
    guest.load([["mov", r("ebx"), r("eax")], ["iret"]], TARGET);
    guest.set("eax", 0x55);
    const ending = guest.execute([callFar, ["ud2"]]);
    expect(ending).toMatchObject({ vector: 6, eip: place.code + 7 });
    expect(guest.get("eax")).toBe(0x55);
    expect(guest.read(other + 0x34)).toBe(0x77);
    expect(guest.get("cr0") & cr0.TS).toBe(cr0.TS);
    expect(guest.selectorOf(TR)).toBe(selector.tss);
    expect([type(guest, 7), type(guest, 8)]).toEqual([11, 9]);
  });

  it("a jump leaves the old task free and sets no NT", () => {
    const guest = withTask();
    guest.load([["hlt"]], TARGET);
    const ending = guest.execute([["jmpf", far(selector.free, 0)]]);
    expect(ending.eflags & 0x4000).toBe(0);
    expect([type(guest, 7), type(guest, 8)]).toEqual([9, 11]);
    expect(guest.get("eax")).toBe(0x77);
  });

  it("a bad selector faults in the new task with #TS", () => {
    const guest = withTask();
    guest.word(other + 0x54, selector.code0 + 0x400);
    expect(guest.execute([["jmpf", far(selector.free, 0)]])).toMatchObject({ vector: 10, eip: TARGET });
  });
});

describe("real mode", () => {
  it("runs, interrupts through the vector table, and enters protected mode", () => {
    const guest = new Guest();
    const { core } = guest.processor;
    core.state.set(at.cr0, cr0.ET);
    core.state.set(at.idtBase, 0);
    core.state.set(at.idtLimit, 0x3ff);
    for (const number of [0, 2, 3]) core.setSegment(number, 4, 0);
    core.setSegment(CS, 4, 0x9000);
    core.setSegment(CS, 0, 0x900);
    core.setSegment(CS, 20, 0x9b);
    core.setSegment(SS, 20, 0x93);
    updateMode(core);
    // INT 0x21 leads to 0x900:0x40: MOV BX, 0x1234; IRET.
    guest.word(0x21 * 4, (0x900 << 16) | 0x40);
    guest.bytes.set([0xbb, 0x34, 0x12, 0xcf], 0x9040);
    guest.bytes.set([0xcd, 0x21, 0x89, 0xd8, 0xf4], 0x9000);
    core.state.set(at.eip, 0);
    core.state.set(at.esp, 0x7000);
    core.state.set(at.ebx, 0);
    core.state.set(at.eax, 0);
    expect(guest.run().stop).toBe("halted");
    expect(guest.get("eax")).toBe(0x1234);
    expect(guest.get("esp")).toBe(0x7000);
  });
});

describe("virtual-8086 mode (SDM 3B 20)", () => {
  const SEGMENT = 0x1800;

  /** IRET into virtual-8086 mode at SEGMENT:0 with the given IOPL, running `bytes`. */
  function enter(bytes: readonly number[], iopl: number): ReturnType<Guest["execute"]> & { guest: Guest } {
    const guest = new Guest();
    guest.bytes.set(bytes, SEGMENT * 16);
    const frame = [0x20, 0x21, 0x22, 0x23, 0x1900, 0xfe, 0x20202 | (iopl << 12), SEGMENT, 0];
    const pushes = frame.map((value): Line => ["push", i(value)]);
    return { ...guest.execute([...pushes, ["iret"]]), guest };
  }

  it("uses paragraphs and leaves through the stack of ring 0 with all segments saved", () => {
    const { guest, ...ending } = enter([0xb8, 0x00, 0x19, 0x8e, 0xd8, 0x0f, 0x0b], 3);
    expect(ending).toMatchObject({ vector: 6, cs: SEGMENT, eip: 5, cpl: 0 });
    expect(ending.eflags & 0x20000).toBe(0x20000);
    const frame = Array.from({ length: 6 }, (_, index) => guest.read(guest.get("esp") + 12 + index * 4));
    expect(frame).toEqual([0xfe, 0x1900, 0x23, 0x1900, 0x21, 0x20]);
  });

  it.each([
    ["cli", [0xfa]],
    ["pushf", [0x9c]],
    ["popf", [0x9d]],
    ["int 0x21", [0xcd, 0x21]],
    ["iret", [0xcf]],
  ])("%s with IOPL below 3 raises #GP(0)", (_, bytes) => {
    expect(enter(bytes, 0)).toMatchObject({ vector: 13, error: 0, eip: 0 });
    expect(enter([...bytes, 0x0f, 0x0b], 3).error).not.toBe(0);
  });

  it("LLDT and its like are undefined", () => {
    expect(enter([0x0f, 0x00, 0xd0], 3)).toMatchObject({ vector: 6 });
  });
});
