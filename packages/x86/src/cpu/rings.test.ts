import { describe, expect, it } from "vitest";
import type { Mnemonic } from "@mercury/isa";
import { i, m, r, type Line } from "../../test/assemble.ts";
import { access, FLAT, Guest, place, selector } from "../../test/guest.ts";
import { at, CS, SS } from "../state/layout.ts";

/** A guest in ring 1 with IOPL 0, as a kernel under a virtual machine monitor. */
function ring1(): Guest {
  const guest = new Guest();
  guest.ring(1);
  guest.eflags = 0x202;
  return guest;
}

const one = (mnemonic: Mnemonic): readonly Line[] => [[mnemonic]];

/** What virtualization by rings stands on (SDM 3A 5.9; the same programs behave so on other emulators and processors). */
describe("ring 1 with IOPL 0", () => {
  const forbidden: [string, readonly Line[]][] = [
    ["cli", one("cli")],
    ["sti", one("sti")],
    ["hlt", one("hlt")],
    ["clts", one("clts")],
    ["mov cr0, eax", [["mov", r("cr0"), r("eax")]]],
    ["mov eax, cr3", [["mov", r("eax"), r("cr3")]]],
    ["mov dr7, eax", [["mov", r("dr7"), r("eax")]]],
    ["invlpg", [["invlpg", m({ displacement: 0 })]]],
    ["rdmsr", one("rdmsr")],
    ["wrmsr", one("wrmsr")],
    ["in al, 0x60", [["in", r("al"), i(0x60)]]],
    ["out 0x60, al", [["out", i(0x60), r("al")]]],
    ["lgdt", [["lgdt", { kind: "memory", displacement: 0 }]]],
    ["lldt", [["lldt", r("ax")]]],
    ["ltr", [["ltr", r("ax")]]],
    ["lmsw", [["lmsw", r("ax")]]],
    ["wbinvd", one("wbinvd")],
    ["sysexit", one("sysexit")],
    ["sysenter without SYSENTER_CS", one("sysenter")],
  ];
  it.each(forbidden)("%s raises #GP(0) at the instruction", (_, lines) => {
    expect(ring1().execute(lines)).toMatchObject({ vector: 13, error: 0, eip: place.code });
  });

  it.each<Mnemonic>(["rdtsc", "cpuid", "nop"])("%s is allowed", (mnemonic) => {
    expect(ring1().execute([[mnemonic], ["int3"]])).toMatchObject({ vector: 13, error: 3 * 8 + 2 });
  });

  it("POPF changes neither IF nor IOPL, and says nothing", () => {
    const ending = ring1().execute([["push", i(0x3000)], ["popf"], ["ud2"]]);
    expect(ending).toMatchObject({ vector: 6, eip: place.code + 6 });
    expect(ending.eflags & 0x3200).toBe(0x200);
  });

  it("POPF changes TF, NT and AC", () => {
    const ending = ring1().execute([["push", i(0x44000)], ["popf"], ["ud2"]]);
    expect(ending.eflags & 0x44000).toBe(0x44000);
  });

  it("IRET with IF clear in the frame leaves IF set", () => {
    const ending = ring1().execute([
      ["push", i(0x2)],
      ["push", i(selector.code1)],
      ["push", i(place.code + 0x20)],
      ["iret"],
      ...Array.from({ length: 40 }, (): Line => [0x0f, 0x0b]),
    ]);
    expect(ending).toMatchObject({ vector: 6, eip: place.code + 0x20 });
    expect(ending.eflags & 0x200).toBe(0x200);
  });

  it("PUSHF shows IF set and IOPL 0", () => {
    const guest = ring1();
    guest.execute([["pushf"], ["pop", r("ebx")], ["ud2"]]);
    expect(guest.get("ebx") & 0x3200).toBe(0x200);
  });

  it("shows RPL 1 in CS", () => {
    const guest = ring1();
    guest.execute([["mov", r("eax"), r("cs")], ["push", r("cs")], ["pop", r("ecx")], ["ud2"]]);
    expect([guest.get("eax"), guest.get("ecx")]).toEqual([selector.code1, selector.code1]);
  });

  it.each(["sgdt", "sidt"] as const)("%s stores the tables of ring 0", (mnemonic) => {
    const guest = ring1();
    expect(guest.execute([[mnemonic, { kind: "memory", displacement: place.data }], ["ud2"]]).vector).toBe(6);
    expect(guest.read(place.data + 2)).toBe(mnemonic === "sgdt" ? place.gdt : place.idt);
  });

  it("SMSW shows the low word of CR0", () => {
    const guest = ring1();
    guest.execute([["smsw", r("ax")], ["ud2"]]);
    expect(guest.get("eax") & 1).toBe(1);
  });

  it("LSL shows the truncated limit, and nothing of a segment of ring 0", () => {
    const guest = ring1();
    guest.descriptor(8, 0, 0xfc3ff, access.data | 0x20, FLAT);
    guest.set("ecx", 0x41);
    guest.set("edx", selector.data0);
    guest.execute([["lsl", r("eax"), r("ecx")], ["lsl", r("ebx"), r("edx")], ["ud2"]]);
    expect(guest.get("eax")).toBe(0xfc3fffff);
    expect(guest.eflags & 0x40).toBe(0);
  });

  it.each([selector.data0, selector.data1 & ~3])("MOV SS with RPL 0 (%i) raises #GP(selector)", (value) => {
    const guest = ring1();
    guest.set("eax", value);
    expect(guest.execute([["mov", r("ss"), r("eax")]])).toMatchObject({ vector: 13, error: value & 0xfffc });
  });

  it("MOV DS with RPL 0 and DPL 1 is accepted and keeps RPL 0", () => {
    const guest = ring1();
    guest.set("eax", selector.data1 & ~3);
    expect(guest.execute([["mov", r("ds"), r("eax")], ["mov", r("ebx"), r("ds")], ["ud2"]]).vector).toBe(6);
    expect(guest.get("ebx")).toBe(selector.data1 & ~3);
  });

  it("reaches the last double word of a truncated segment and no further", () => {
    const at = (address: number): ReturnType<Guest["execute"]> => {
      const guest = ring1();
      guest.descriptor(8, 0, 0x1ff, access.data | 0x20, FLAT);
      guest.set("eax", 0x41);
      return guest.execute([
        ["mov", r("ss"), r("eax")],
        ["mov", r("ds"), r("eax")],
        ["mov", r("ebx"), m({ displacement: address })],
        ["ud2"],
      ]);
    };
    expect(at(0x1ffffc).vector).toBe(6);
    expect(at(0x1ffffd)).toMatchObject({ vector: 13, error: 0 });
    expect(at(0x200000)).toMatchObject({ vector: 13, error: 0 });
  });

  it("reads beyond its own limit through a wider segment of ring 3", () => {
    const guest = ring1();
    guest.descriptor(8, 0, 0x0ff, access.data | 0x20, FLAT);
    guest.set("eax", 0x41);
    guest.set("ecx", selector.data3);
    guest.word(0x100000, 0x1234567);
    const ending = guest.execute([
      ["mov", r("ss"), r("eax")],
      ["mov", r("ds"), r("ecx")],
      ["mov", r("ebx"), m({ displacement: 0x100000 })],
      ["ud2"],
    ]);
    expect(ending.vector).toBe(6);
    expect(guest.get("ebx")).toBe(0x1234567);
  });

  it("INT n through a gate of DPL 0 raises #GP with the vector and IDT", () => {
    expect(ring1().execute([["int", i(0x50)]])).toMatchObject({ vector: 13, error: 0x282 });
  });

  it("INT3 through a gate of DPL 3 works, to ring 0 on the stack of the TSS", () => {
    const guest = ring1();
    guest.gate(3, selector.code0, place.handlers + 12, 0xee);
    expect(guest.execute([["int3"]])).toMatchObject({ vector: 3, eip: place.code + 1, cs: selector.code1, cpl: 0 });
    expect(guest.selectorOf(SS)).toBe(selector.data0);
    expect(guest.get("esp")).toBe(place.stacks[0] - 20);
  });

  it.each([
    [0x08, 0x08],
    [0x18, 0x18],
  ])("IRET to CS with RPL 0 (%i) raises #GP(selector)", (cs, error) => {
    expect(ring1().execute([["push", i(2)], ["push", i(cs)], ["push", i(0)], ["iret"]])).toMatchObject({ vector: 13, error });
  });

  it("a far jump to its own segment with RPL 0 is accepted", () => {
    const guest = ring1();
    const ending = guest.execute([["jmpf", { kind: "far", selector: selector.code1 & ~3, offset: place.code + 7 }], ["ud2"]]);
    expect(ending).toMatchObject({ vector: 6, eip: place.code + 7, cs: selector.code1 });
  });
});

describe("ring 0", () => {
  it("IRET to RPL 1 with a descriptor of DPL 0 raises #GP(selector) before it looks at SS:ESP", () => {
    const guest = new Guest();
    guest.set("esp", place.stacks[0]);
    expect(guest.execute([["push", i(2)], ["push", i(0x09)], ["push", i(0)], ["iret"]])).toMatchObject({ vector: 13, error: 8 });
  });

  it("LTR of a busy TSS raises #GP(selector)", () => {
    const guest = new Guest();
    guest.set("eax", selector.tss);
    expect(guest.execute([["ltr", r("ax")]])).toMatchObject({ vector: 13, error: selector.tss });
  });

  it("LTR marks an available TSS busy", () => {
    const guest = new Guest();
    guest.descriptor(8, place.tss, 0x67, access.tss32, 0);
    guest.set("eax", 0x40);
    guest.execute([["ltr", r("ax")]]);
    expect((guest.read(place.gdt + 0x44) >>> 8) & 15).toBe(11);
  });

  it("SYSENTER and SYSEXIT go to ring 0 and back", () => {
    const guest = new Guest();
    const { state } = guest.processor.core;
    state.set(at.sysenterCs, 0x08);
    state.set(at.sysenterEsp, 0x7000);
    state.set(at.sysenterEip, place.code + 0x100);
    guest.load([["sysexit"]], place.code + 0x100);
    guest.ring(3);
    guest.set("edx", place.code + 0x200);
    guest.set("ecx", 0x6f00);
    guest.load([["ud2"]], place.code + 0x200);
    const ending = guest.execute([["sysenter"]]);
    expect(ending).toMatchObject({ vector: 6, eip: place.code + 0x200, cs: (0x08 + 16) | 3 });
    expect(guest.selectorOf(CS)).toBe(selector.code0);
  });

  it("IRET to ring 3 drops segments that ring 3 may not use", () => {
    const guest = new Guest();
    const frame: Line[] = [
      ["push", i(selector.data3)],
      ["push", i(0x6000)],
      ["push", i(0x202)],
      ["push", i(selector.code3)],
      ["push", i(place.code + 0x40)],
      ["iret"],
    ];
    guest.load([["mov", r("eax"), r("ds")], ["ud2"]], place.code + 0x40);
    const ending = guest.execute(frame);
    expect(ending).toMatchObject({ vector: 6, cs: selector.code3 });
    expect(guest.get("eax")).toBe(0);
  });
});
