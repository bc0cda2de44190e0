import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { i, m, r, rel, type Line } from "../../test/assemble.ts";
import { Guest, place, selector } from "../../test/guest.ts";
import { at } from "../state/layout.ts";

/** A loop with memory, a branch and a string instruction, which goes on forever. */
const busy: Line[] = [
  ["mov", r("edi"), i(place.data)],
  ["mov", r("ecx"), i(5)],
  ["inc", r("ebx")],
  ["add", m({ displacement: place.data + 64 }), r("ebx")],
  [0xf3, 0xab],
  ["jmp", rel(-21)],
];

describe("run(n)", () => {
  it("retires exactly n, and stopping changes nothing", () => {
    const whole = new Guest();
    whole.load(busy);
    whole.run(3000);
    const snapshot = (guest: Guest): number[] => ["eax", "ecx", "ebx", "edi", "eip"].map((name) => guest.get(name as "eax"));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 60 }), (parts) => {
        const guest = new Guest();
        guest.load(busy);
        let done = 0;
        for (const part of [...parts, 3000]) {
          const count = Math.min(part, 3000 - done);
          if (count === 0) break;
          expect(guest.run(count).stop).toBe("count");
          done += count;
          expect(guest.processor.core.retired).toBe(done);
        }
        expect(snapshot(guest)).toEqual(snapshot(whole));
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it("counts every iteration of REP, and REP with ECX 0 as one", () => {
    const guest = new Guest();
    guest.set("ecx", 7);
    guest.set("edi", place.data);
    guest.execute([
      [0xf3, 0xaa],
      [0xf3, 0xaa],
    ]);
    expect(guest.processor.core.retired).toBe(7 + 1 + 1);
  });

  it("shows the exact count to RDTSC in the middle of a block", () => {
    const guest = new Guest();
    guest.execute([["nop"], ["nop"], ["rdtsc"], ["mov", r("ebx"), r("eax")], ["nop"], ["rdtsc"], ["nop"]]);
    expect([guest.get("ebx"), guest.get("eax")]).toEqual([2, 5]);
  });

  it("does not retire an instruction that faults; its delivery counts as one", () => {
    const guest = new Guest();
    guest.execute([["nop"], ["nop"], ["ud2"]]);
    expect(guest.processor.core.retired).toBe(2 + 1 + 1);
  });

  it("leaves after the instruction that asked for it", () => {
    const guest = new Guest();
    const ports = guest.processor.core;
    guest.load([["out", i(0x80), r("al")], ["inc", r("ebx")], ["hlt"]]);
    guest.onWrite = (): void => void (ports.attention = true);
    expect(guest.run().stop).toBe("left");
    expect([guest.get("ebx"), guest.get("eip")]).toEqual([0, place.code + 2]);
  });
});

describe("interrupts", () => {
  const request = (guest: Guest): void => guest.processor.core.state.set(at.interrupt, 1);

  it("are taken at the exact instruction at which the line rises", () => {
    for (let count = 1; count < 40; count++) {
      const guest = new Guest();
      guest.load(busy);
      guest.eflags = 0x202;
      guest.run(count);
      const eip = guest.get("eip");
      request(guest);
      expect(guest.run(1000)).toMatchObject({ vector: 0x20, eip });
    }
  });

  it.each([
    ["REP STOSB", [0xf3, 0xaa]],
    ["REP OUTSB", [0xf3, 0x6e]],
  ] as const)("save RF as 1 between the iterations of %s, and as it is before the first and after the last", (_, bytes) => {
    const RF = 0x1_0000;
    const saved = [0, 1, 2, 3].map((iterations) => {
      const guest = new Guest();
      guest.set("esi", place.data);
      guest.set("edi", place.data);
      guest.set("ecx", 3);
      guest.eflags = 0x202;
      guest.load([["nop"], bytes, ["hlt"]]);
      guest.run(1 + iterations);
      request(guest);
      const ending = guest.run();
      expect(ending).toMatchObject({ vector: 0x20, eip: place.code + (iterations < 3 ? 1 : 3) });
      return ending.eflags & RF;
    });
    expect(saved).toEqual([0, RF, RF, 0]);
  });

  it("wait while IF is clear", () => {
    const guest = new Guest();
    request(guest);
    expect(guest.execute([["nop"], ["nop"]]).vector).toBeUndefined();
  });

  it("wait for one instruction after STI, also when run stops in between", () => {
    const lines: Line[] = [["sti"], ["nop"], ["nop"], ["hlt"]];
    const guest = new Guest();
    request(guest);
    expect(guest.execute(lines)).toMatchObject({ vector: 0x20, eip: place.code + 2 });
    const stopped = new Guest();
    stopped.load(lines);
    stopped.run(1);
    request(stopped);
    expect(stopped.run()).toMatchObject({ vector: 0x20, eip: place.code + 2 });
  });

  it("find no window between STI and CLI", () => {
    const guest = new Guest();
    request(guest);
    expect(guest.execute([["sti"], ["cli"], ["nop"]]).vector).toBeUndefined();
  });

  it("wait for one instruction after MOV SS", () => {
    const guest = new Guest();
    guest.set("eax", selector.data0);
    guest.eflags = 0x202;
    guest.load([["mov", r("ss"), r("eax")], ["nop"], ["nop"], ["hlt"]]);
    guest.run(1);
    request(guest);
    expect(guest.run()).toMatchObject({ vector: 0x20, eip: place.code + 3 });
  });

  it("wake HLT, with STI right before it as well", () => {
    const guest = new Guest();
    guest.load([["sti"], ["hlt"], ["nop"], ["hlt"]]);
    expect(guest.run().stop).toBe("halted");
    request(guest);
    expect(guest.run()).toMatchObject({ vector: 0x20, eip: place.code + 2 });
  });

  it("from a memory-mapped device come right after the access, in the middle of straight code", () => {
    const guest = new Guest();
    guest.onWrite = (): void => request(guest);
    guest.eflags = 0x202;
    const lines: Line[] = [["nop"], ["mov", m({ displacement: 0xfee00000 }), r("eax")], ["inc", r("ebx")], ["inc", r("ebx")]];
    expect(guest.execute(lines)).toMatchObject({ vector: 0x20, eip: place.code + 6 });
    expect(guest.get("ebx")).toBe(0);
  });

  it("from a memory-mapped device come right after it when a block ends there by its length, and each time", () => {
    for (let before = 0; before < 40; before++) {
      const guest = new Guest();
      let writes = 0;
      guest.onWrite = (): void => void (++writes === 3 && request(guest));
      guest.eflags = 0x202;
      guest.set("ecx", 5);
      const nops: Line[] = Array.from({ length: before }, () => ["nop"]);
      const store: Line = ["mov", m({ displacement: 0xfee00000 }), r("eax")];
      // Back over INC, LOOP, the store of five bytes and the NOPs.
      const lines: Line[] = [...nops, store, ["inc", r("ebx")], ["loop", rel(-(before + 5 + 1 + 2))]];
      expect(guest.execute(lines)).toMatchObject({ vector: 0x20, eip: place.code + before + 5 });
      expect([writes, guest.get("ebx")]).toEqual([3, 2]);
    }
  });

  it("NMI is taken with IF clear, and not again before IRET", () => {
    const guest = new Guest();
    guest.processor.core.state.set(at.nmi, 1);
    expect(guest.execute([["nop"]])).toMatchObject({ vector: 2, eip: place.code });
    guest.processor.core.state.set(at.nmi, 1);
    expect(guest.run().stop).toBe("halted");
    expect(guest.processor.core.state.get(at.nmi)).toBe(1);
  });
});

describe("code that changes", () => {
  /** Offset of the immediate of MOV EAX, imm32. */
  const IMMEDIATE = 1;

  it("is decoded anew when the change is in the next instruction", () => {
    const guest = new Guest();
    const patched = place.code + 10 + IMMEDIATE;
    guest.execute([
      ["mov", m({ displacement: patched }), i(2)],
      ["mov", r("eax"), i(1)],
    ]);
    expect(guest.get("eax")).toBe(2);
  });

  it("is decoded anew in a loop that patches itself", () => {
    const guest = new Guest();
    guest.set("ecx", 9);
    guest.set("edx", 0);
    // The store is 6 bytes long, and ADD EDX, imm32 has its immediate at its third byte.
    guest.execute([
      ["mov", m({ displacement: place.code + 8 }), r("ecx")],
      [0x81, 0xc2, 0, 0, 0, 0],
      ["loop", rel(-14)],
    ]);
    expect(guest.get("edx")).toBe(9 + 8 + 7 + 6 + 5 + 4 + 3 + 2 + 1);
  });

  it("is decoded anew through another linear address of the same page", () => {
    const guest = new Guest();
    guest.page();
    guest.ring(0);
    guest.map(0x80000, place.code | 3);
    const code: Line[] = [["mov", r("eax"), i(1)], ["ret"]];
    guest.load(code, place.code + 0x100);
    const patch: Line[] = [["mov", m({ displacement: 0x80000 + 0x100 + IMMEDIATE }), i(7)]];
    const call: Line = ["call", r("edi")];
    guest.set("edi", place.code + 0x100);
    guest.execute([call, ["mov", r("ebx"), r("eax")], ...patch, call]);
    expect([guest.get("ebx"), guest.get("eax")]).toEqual([1, 7]);
  });

  it("runs as it was when data next to it change", () => {
    const guest = new Guest();
    guest.execute([
      ["mov", r("ecx"), i(50)],
      ["inc", m({ displacement: place.code + 0x400 })],
      ["loop", rel(-8)],
    ]);
    expect(guest.read(place.code + 0x400)).toBe(50);
  });

  it("REP STOS over its own instruction goes on with what it wrote", () => {
    const guest = new Guest();
    guest.set("edi", place.code);
    guest.set("ecx", 8);
    guest.set("eax", 0x90);
    guest.load([[0xf3, 0xaa], ["inc", r("ebx")], [0x90, 0x90, 0x90, 0x90, 0x90], ["hlt"]]);
    guest.run();
    // The first iteration makes the prefix a NOP; then STOS runs once more, without it.
    expect([guest.get("ebx"), guest.get("ecx"), guest.get("edi")]).toEqual([1, 7, place.code + 2]);
  });

  it("a call through new page tables runs the code behind the new mapping", () => {
    const guest = new Guest();
    guest.page();
    guest.ring(0);
    guest.load([["mov", r("eax"), i(1)], ["ret"]], 0x40000);
    guest.load([["mov", r("eax"), i(2)], ["ret"]], 0x41000);
    guest.set("edi", 0x40000);
    const entry = place.lowTable + 0x40 * 4;
    const remap: Line[] = [
      ["mov", m({ displacement: entry }), i(0x41003)],
      ["invlpg", m({ displacement: 0x40000 })],
    ];
    guest.execute([["call", r("edi")], ["mov", r("ebx"), r("eax")], ...remap, ["call", r("edi")]]);
    expect([guest.get("ebx"), guest.get("eax")]).toEqual([1, 2]);
  });

  it("an instruction over a page border is decoded anew when the second page changes", () => {
    const guest = new Guest();
    guest.page();
    guest.ring(0);
    guest.load([["mov", r("eax"), i(0x01010101)], ["ret"]], 0x40ffe);
    guest.set("edi", 0x40ffe);
    guest.bytes.set(guest.bytes.subarray(0x41000, 0x41010), 0x42000);
    guest.bytes[0x42000] = 0x77;
    const entry = place.lowTable + 0x41 * 4;
    const remap: Line[] = [
      ["mov", m({ displacement: entry }), i(0x42003)],
      ["invlpg", m({ displacement: 0x41000 })],
    ];
    guest.execute([["call", r("edi")], ["mov", r("ebx"), r("eax")], ...remap, ["call", r("edi")]]);
    expect([guest.get("ebx"), guest.get("eax")]).toEqual([0x01010101, 0x01017701]);
  });
});
