import { describe, expect, it } from "vitest";
import { i, m, r, rel, type Line } from "../../test/assemble.ts";
import { access, Guest, place, selector } from "../../test/guest.ts";
import { at, segment, TR } from "../state/layout.ts";

const FAR = 0x100000;

function paged(ring: 0 | 1 | 3 = 0): Guest {
  const guest = new Guest();
  guest.page();
  guest.ring(ring);
  return guest;
}

const read: Line = ["mov", r("ebx"), m({ displacement: FAR })];
const write: Line = ["mov", m({ displacement: FAR }), r("ebx")];

describe("page faults (SDM 3A 4.7)", () => {
  const cases: [string, 0 | 1 | 3, number, Line, number][] = [
    ["ring 0 reads a page that is not there", 0, 0, read, 0],
    ["ring 0 writes one", 0, 0, write, 2],
    ["ring 3 reads one", 3, 0, read, 4],
    ["ring 3 writes one", 3, 0, write, 6],
    ["ring 3 reads a supervisor page", 3, FAR | 3, read, 5],
    ["ring 3 writes a read-only page", 3, FAR | 5, write, 7],
    ["ring 0 writes a read-only page with WP", 0, FAR | 1, write, 3],
    ["ring 1 writes a read-only page with WP", 1, FAR | 1, write, 3],
  ];
  it.each(cases)("%s", (_, ring, entry, line, error) => {
    const guest = paged(ring);
    guest.map(FAR, entry);
    expect(guest.execute([line])).toMatchObject({ vector: 14, error, cr2: FAR, eip: place.code });
  });

  it.each([0, 1] as const)("ring %i writes a read-only page without WP", (ring) => {
    const guest = paged(ring);
    guest.map(FAR, FAR | 1);
    guest.processor.core.state.set(at.cr0, guest.get("cr0") & ~0x10000);
    expect(guest.execute([write, ["ud2"]]).vector).toBe(6);
  });

  it("sets A on reads and D on writes only", () => {
    const guest = paged();
    const entry = (): number => guest.read(place.lowTable + (FAR >>> 12) * 4) & 0x60;
    guest.map(FAR, FAR | 3);
    guest.execute([read]);
    expect(entry()).toBe(0x20);
    guest.execute([write]);
    expect(entry()).toBe(0x60);
  });

  it("uses a stale translation until INVLPG", () => {
    const guest = paged();
    guest.word(FAR, 1);
    guest.word(FAR + 0x1000, 2);
    const change: Line[] = [["mov", m({ displacement: place.lowTable + (FAR >>> 12) * 4 }), i(FAR + 0x1003)]];
    guest.execute([read, ...change, ["invlpg", m({ displacement: FAR })], ["mov", r("ecx"), m({ displacement: FAR })]]);
    expect([guest.get("ebx"), guest.get("ecx")]).toEqual([1, 2]);
  });

  it("a 4 MB page can be read, and write-protected as a whole against ring 1", () => {
    const guest = paged(1);
    guest.word(place.directory + 4, 0x80 | 1);
    guest.word(0x1234, 77);
    guest.execute([
      ["mov", r("ebx"), m({ displacement: 0x401234 })],
      ["mov", m({ displacement: 0x401234 }), r("ebx")],
    ]);
    expect(guest.get("ebx")).toBe(77);
    expect(guest.get("cr2")).toBe(0x401234);
  });

  it("an access over a page border faults with the address in the second page, and changes nothing", () => {
    const guest = paged();
    guest.map(FAR + 0x1000, 0);
    guest.set("eax", -1);
    expect(guest.execute([["mov", m({ displacement: FAR + 0xffe }), r("eax")]])).toMatchObject({ vector: 14, error: 2, cr2: FAR + 0x1000 });
    expect(guest.read(FAR + 0xffc)).toBe(0);
  });

  it("an instruction over a page border faults with the address of the second page", () => {
    const guest = paged();
    guest.map(FAR + 0x1000, 0);
    guest.load([["mov", r("eax"), i(0x12345678)]], FAR + 0xffd);
    expect(guest.run()).toMatchObject({ vector: 14, error: 0, cr2: FAR + 0x1000, eip: FAR + 0xffd });
  });

  it("REP MOVS stops at the fault and goes on where it was", () => {
    const guest = paged();
    guest.map(FAR + 0x1000, 0);
    guest.set("esi", place.data);
    guest.set("edi", FAR + 0xff8);
    guest.set("ecx", 4);
    guest.bytes.set([1, 2, 3, 4, 5, 6, 7, 8, 9], place.data);
    expect(guest.execute([[0xf3, 0xa5]])).toMatchObject({ vector: 14, eip: place.code, cr2: FAR + 0x1000 });
    expect([guest.get("ecx"), guest.get("esi"), guest.get("edi")]).toEqual([2, place.data + 8, FAR + 0x1000]);
  });
});

describe("segments (SDM 3A 5.3)", () => {
  function withData(rights: number, limit: number, flags: number): Guest {
    const guest = new Guest();
    guest.descriptor(8, 0x20000, limit, rights, flags);
    guest.set("eax", selector.free);
    return guest;
  }
  const load: Line = ["mov", r("es"), r("eax")];
  const access4 = (offset: number): Line => ["mov", r("ebx"), m({ segment: "es", displacement: offset })];

  it.each([
    [0xffc, 6],
    [0xffd, 13],
    [0x1000, 13],
  ])("a limit of FFF allows a double word at %i: vector %i", (offset, vector) => {
    expect(withData(access.data, 0xfff, 0x400000).execute([load, access4(offset), ["ud2"]]).vector).toBe(vector);
  });

  it.each([
    [0xfff, 13],
    [0x1000, 6],
    [-4, 6],
    [-3, 13],
  ])("an expand-down segment with limit FFF at %i: vector %i", (offset, vector) => {
    const guest = new Guest();
    guest.descriptor(8, 0, 0xfff, access.expandDown, 0x400000);
    guest.set("eax", selector.free);
    // The far end of the address space is not RAM, and reads as the bus says.
    expect(guest.execute([load, access4(offset), ["ud2"]]).vector).toBe(vector);
  });

  it("a write to a read-only segment raises #GP(0), a read does not", () => {
    expect(withData(access.readOnly, 0xfff, 0).execute([load, access4(0), ["ud2"]]).vector).toBe(6);
    const ending = withData(access.readOnly, 0xfff, 0).execute([load, ["mov", m({ segment: "es", displacement: 0 }), r("ebx")]]);
    expect(ending).toMatchObject({ vector: 13, error: 0 });
  });

  it("loading execute-only code as data raises #GP(selector)", () => {
    expect(withData(access.executeOnly, 0xfff, 0).execute([load])).toMatchObject({ vector: 13, error: selector.free });
  });

  it("loading an absent segment raises #NP, as SS #SS", () => {
    expect(withData(access.data & 0x7f, 0xfff, 0).execute([load])).toMatchObject({ vector: 11, error: selector.free });
    expect(withData(access.data & 0x7f, 0xfff, 0).execute([["mov", r("ss"), r("eax")]])).toMatchObject({
      vector: 12,
      error: selector.free,
    });
  });

  it("a null selector may be loaded but not used", () => {
    const guest = new Guest();
    guest.set("eax", 3);
    expect(guest.execute([load, access4(0)])).toMatchObject({ vector: 13, error: 0 });
  });

  it("a push below the limit of the stack raises #SS(0) and leaves ESP", () => {
    const guest = new Guest();
    guest.descriptor(8, 0x20000, 0xfff, access.data, 0x400000);
    guest.set("eax", selector.free);
    expect(
      guest.execute([
        ["mov", r("ss"), r("eax")],
        ["mov", r("esp"), i(0x1002)],
        ["push", r("eax")],
      ]),
    ).toMatchObject({ stop: "triple-fault" });
    expect(guest.get("esp")).toBe(0x1002);
  });

  it("reads through an LDT", () => {
    const guest = new Guest();
    guest.descriptor(9, place.data, 0x17, access.ldt, 0);
    guest.descriptor(1, 0x20100, 0xfff, access.data, 0, place.data);
    guest.word(0x20104, 99);
    guest.set("eax", 0x48);
    guest.set("ecx", 0x0c);
    guest.execute([["lldt", r("ax")], ["mov", r("es"), r("ecx")], access4(4)]);
    expect(guest.get("ebx")).toBe(99);
  });

  it("a jump beyond the limit of CS faults at the jump", () => {
    const guest = new Guest();
    guest.descriptor(8, 0, 0x10fff, access.code, 0x400000);
    guest.set("eax", 0x11000);
    const ending = guest.execute([
      ["jmpf", { kind: "far", selector: selector.free, offset: place.code + 7 }],
      ["jmp", r("eax")],
    ]);
    expect(ending).toMatchObject({ vector: 13, error: 0, eip: place.code + 7 });
  });
});

describe("double and triple faults (SDM 3A 6.15)", () => {
  it("a fault while #GP is delivered is a double fault", () => {
    const guest = new Guest();
    guest.gate(13, selector.code0, 0, 0x0e);
    expect(guest.execute([["mov", r("cr4"), r("esp")]])).toMatchObject({ vector: 8, error: 0, eip: place.code });
  });

  it("a fault while #UD is delivered is delivered itself", () => {
    const guest = new Guest();
    guest.gate(6, selector.code0, 0, 0x0e);
    expect(guest.execute([["ud2"]])).toMatchObject({ vector: 11, error: 6 * 8 + 3 });
  });

  it("a fault while a double fault is delivered shuts down", () => {
    const guest = new Guest();
    guest.gate(13, selector.code0, 0, 0x0e);
    guest.gate(8, selector.code0, 0, 0x0e);
    expect(guest.execute([["mov", r("cr4"), r("esp")]]).stop).toBe("triple-fault");
    expect(guest.run().stop).toBe("triple-fault");
  });

  it("a task gate serves a double fault on a broken stack", () => {
    const guest = new Guest();
    const tss = place.data;
    guest.page();
    guest.descriptor(8, tss, 0x67, access.tss32, 0);
    guest.gate(8, selector.free, 0, 0x85);
    const words: [number, number][] = [
      [0x1c, place.directory],
      [0x20, place.handlers + 32],
      [0x24, 2],
      [0x38, 0x7000],
      [0x48, 0x10],
      [0x4c, 8],
      [0x50, 0x10],
      [0x54, 0x10],
      [0x58, 0x10],
      [0x5c, 0x10],
    ];
    for (const [offset, value] of words) guest.word(tss + offset, value);
    guest.map(0, 0);
    guest.set("esp", 0x20);
    const ending = guest.execute([["push", i(1)]]);
    expect(ending.stop).toBe("halted");
    expect(guest.get("eip")).toBe(place.handlers + 33);
    expect(guest.read(guest.get("esp"))).toBe(0);
    expect(guest.read(place.tss + 0x38)).toBe(0x20);
    expect(guest.read(place.tss + 0x20)).toBe(place.code);
    expect(guest.read(tss) & 0xffff).toBe(selector.tss);
  });
});

describe("other exceptions", () => {
  it.each<[string, Line[], number, number]>([
    [
      "division by 0",
      [
        ["xor", r("ecx"), r("ecx")],
        ["div", r("ecx")],
      ],
      0,
      2,
    ],
    ["BOUND", [["bound", r("esp"), m({ displacement: place.data, size: 64 })]], 5, 0],
    ["LOCK without memory", [[0xf0, 0x01, 0xc0]], 6, 0],
    ["an instruction of 16 bytes", [[...Array.from({ length: 15 }, () => 0x66), 0x90]], 13, 0],
    [
      "an x87 instruction with EM",
      [
        ["mov", r("eax"), i(0x15)],
        ["mov", r("cr0"), r("eax")],
        [0xd9, 0xe8],
      ],
      7,
      8,
    ],
    [
      "a reserved bit of CR4",
      [
        ["mov", r("eax"), i(0x800)],
        ["mov", r("cr4"), r("eax")],
      ],
      13,
      5,
    ],
  ])("%s", (_, lines, vector, offset) => {
    expect(new Guest().execute(lines)).toMatchObject({ vector, eip: place.code + offset });
  });

  it("INTO is a trap: EIP is that of the next instruction", () => {
    const guest = new Guest();
    guest.gate(4, selector.code0, place.handlers + 16, 0xee);
    expect(guest.execute([["mov", r("al"), i(0x7f)], ["add", r("al"), i(1)], ["into"]])).toMatchObject({ vector: 4, eip: place.code + 5 });
  });

  it("single step traps after each instruction with BS in DR6", () => {
    const guest = new Guest();
    const ending = guest.execute([["push", i(0x102)], ["popf"], ["nop"], ["nop"]]);
    expect(ending).toMatchObject({ vector: 1, eip: place.code + 7 });
    expect(guest.get("dr6") & 0x4000).toBe(0x4000);
  });

  it("MOV SS puts a single-step trap off by one instruction", () => {
    const guest = new Guest();
    guest.set("eax", selector.data0);
    const ending = guest.execute([["push", i(0x102)], ["popf"], ["mov", r("ss"), r("eax")], ["nop"], ["nop"]]);
    expect(ending).toMatchObject({ vector: 1, eip: place.code + 9 });
  });

  it("counts exceptions by vector", () => {
    const guest = new Guest();
    guest.execute([["ud2"]]);
    expect(guest.processor.core.state.get(at.exceptionCounts + 6 * 4)).toBe(1);
  });

  it("a handler that faults forever does not hold the host", () => {
    const guest = new Guest();
    guest.load([["jmp", rel(-2)]], place.handlers);
    guest.gate(6, selector.code0, place.code, 0x8e);
    guest.load([["mov", r("esp"), i(0x8000)], ["ud2"]]);
    expect(guest.run(1000).stop).toBe("count");
    expect(guest.processor.core.retired).toBe(1000);
  });
});

describe("I/O permission (SDM 1 19.5)", () => {
  function withBitmap(bits: readonly number[]): Guest {
    const guest = new Guest();
    guest.descriptor(7, place.tss, 0x68 + bits.length - 1, access.tss32 | 2, 0);
    guest.bytes.set(bits, place.tss + 0x68);
    guest.processor.core.setSegment(TR, segment.limit, 0x68 + bits.length - 1);
    guest.ring(3);
    return guest;
  }
  it.each([
    ["in al, 8 allowed", [0xff, 0xfe, 0xff], [["in", r("al"), i(8)]], 6],
    ["in al, 9 forbidden", [0xff, 0xfe, 0xff], [["in", r("al"), i(9)]], 13],
    ["in ax, 7 half forbidden", [0xff, 0xfe, 0xff], [["in", r("ax"), i(7)]], 13],
    ["in eax, 4 allowed", [0x0f, 0xff], [["in", r("eax"), i(4)]], 6],
    ["a port beyond the bitmap", [0, 0xff], [["in", r("al"), i(0x80)]], 13],
  ] as [string, number[], Line[], number][])("%s", (_, bits, lines, vector) => {
    expect(withBitmap(bits).execute([...lines, ["ud2"]]).vector).toBe(vector);
  });

  it("IOPL 3 allows every port", () => {
    const guest = new Guest();
    guest.ring(3);
    guest.eflags = 0x3202;
    guest.ports.set(0x60, 0x77);
    expect(guest.execute([["in", r("al"), i(0x60)], ["ud2"]]).vector).toBe(6);
    expect(guest.get("eax") & 0xff).toBe(0x77);
  });
});
