import { describe, expect, it } from "vitest";
import { i, m, r, type Line } from "../../../test/assemble.ts";
import { Guest, place } from "../../../test/guest.ts";
import { at, cr0, cr4, FPU_PENDING } from "../../state/layout.ts";
import { createProcessor } from "../../interpreter/processor.ts";
import { resetState } from "../reset.ts";
import { updateMode } from "../segments.ts";
import { feature } from "../system/feature.ts";
import { CR4_BITS, FEATURES, featuresOf } from "../system/features.ts";
import { mxcsr, MXCSR_RESET } from "./mxcsr.ts";

const UD = 6;
const NM = 7;
const GP = 13;
const MF = 16;
const XM = 19;

interface Control {
  readonly cr0?: number;
  readonly cr4?: number;
  readonly pending?: boolean;
}

/** A guest in ring 0 with SSE switched on, unless `control` says otherwise. */
function machine({ cr0: more = 0, cr4: control = cr4.OSFXSR | cr4.OSXMMEXCPT, pending = false }: Control = {}): Guest {
  const guest = new Guest();
  const { core } = guest.processor;
  core.state.set(at.cr0, cr0.PE | cr0.ET | cr0.NE | more);
  core.state.set(at.cr4, control);
  if (pending) core.state.set(at.fpuStatus, FPU_PENDING | 1);
  updateMode(core);
  return guest;
}

const doubles = (guest: Guest, register: number): Float64Array =>
  new Float64Array(guest.processor.core.memory.memory.buffer, guest.processor.core.state.base + at.xmm + register * 16, 2);
const words = (guest: Guest, register: number): Uint32Array =>
  new Uint32Array(guest.processor.core.memory.memory.buffer, guest.processor.core.state.base + at.xmm + register * 16, 4);
const control = (guest: Guest): number => guest.processor.core.state.get(at.mxcsr);

const mmx: Line = ["paddb", r("mm0"), r("mm1")];
const sse: Line = ["movaps", r("xmm0"), r("xmm1")];
const both: Line = ["cvtpi2ps", r("xmm0"), r("mm1")];
const load: Line = ["ldmxcsr", m({ displacement: place.data })];

describe("vector registers that may not be used (SDM 3A 2.5, 12.1, 13.1)", () => {
  const cases: readonly [string, Control, Line, number | undefined][] = [
    ["MMX", {}, mmx, undefined],
    ["SSE", {}, sse, undefined],
    ["MMX with EM", { cr0: cr0.EM }, mmx, UD],
    ["SSE with EM", { cr0: cr0.EM }, sse, UD],
    ["MMX with TS", { cr0: cr0.TS }, mmx, NM],
    ["SSE with TS", { cr0: cr0.TS }, sse, NM],
    ["MMX with EM and TS", { cr0: cr0.EM | cr0.TS }, mmx, UD],
    ["MMX without OSFXSR", { cr4: 0 }, mmx, undefined],
    ["SSE without OSFXSR", { cr4: 0 }, sse, UD],
    ["SSE with TS and without OSFXSR", { cr0: cr0.TS, cr4: 0 }, sse, UD],
    ["MMX with a pending x87 exception", { pending: true }, mmx, MF],
    ["SSE with one", { pending: true }, sse, undefined],
    ["a conversion from MMX to SSE with one", { pending: true }, both, MF],
    ["LDMXCSR without OSFXSR", { cr4: 0 }, load, UD],
    ["LDMXCSR with TS", { cr0: cr0.TS }, load, NM],
    ["FXSAVE with EM", { cr0: cr0.EM }, ["fxsave", m({ displacement: place.data })], NM],
    ["EMMS with TS", { cr0: cr0.TS }, ["emms"], NM],
    ["fences with EM and TS", { cr0: cr0.EM | cr0.TS, cr4: 0 }, ["mfence"], undefined],
    ["MOVNTI with EM", { cr0: cr0.EM, cr4: 0 }, ["movnti", m({ displacement: place.data }), r("eax")], undefined],
  ];
  it.each(cases)("%s", (_, given, line, vector) => {
    expect(machine(given).execute([line])).toMatchObject(vector === undefined ? { vector } : { vector, eip: place.code });
  });

  it("CLTS and MOV CR4 are heeded by the next instruction", () => {
    const guest = machine({ cr0: cr0.TS, cr4: 0 });
    expect(guest.execute([["clts"], mmx, ["mov", r("eax"), i(cr4.OSFXSR)], ["mov", r("cr4"), r("eax")], sse]).vector).toBeUndefined();
  });
});

describe("operands in memory", () => {
  const at16 = (offset: number): Line => ["movaps", r("xmm0"), m({ size: 128, displacement: place.data + offset })];

  it("have to be on a 16-byte boundary, or #GP(0)", () => {
    expect(machine().execute([at16(8)])).toMatchObject({ vector: GP, error: 0, eip: place.code });
    expect(machine().execute([["addps", r("xmm0"), m({ size: 128, displacement: place.data + 4 })]]).vector).toBe(GP);
    expect(machine().execute([at16(0)]).vector).toBeUndefined();
  });

  it("may lie anywhere for MOVUPS, scalars and MMX", () => {
    const displacement = place.data + 0xff9;
    const lines: readonly Line[] = [
      ["movups", r("xmm0"), m({ size: 128, displacement })],
      ["addsd", r("xmm0"), m({ size: 64, displacement })],
      ["movq", r("mm0"), m({ size: 64, displacement })],
    ];
    expect(machine().execute(lines).vector).toBeUndefined();
  });

  it("change nothing in memory when their second page faults", () => {
    const guest = machine();
    guest.page();
    guest.processor.core.state.set(at.cr4, cr4.OSFXSR | cr4.PSE);
    updateMode(guest.processor.core);
    guest.map(0x101000, 0);
    words(guest, 1).fill(-1);
    const ending = guest.execute([["movups", m({ size: 128, displacement: 0x100ff8 }), r("xmm1")]]);
    expect(ending).toMatchObject({ vector: 14, error: 2, cr2: 0x101000 });
    expect([guest.read(0x100ff8), guest.read(0x100ffc)]).toEqual([0, 0]);
  });

  it("outside RAM become accesses of four bytes, each once", () => {
    const guest = machine();
    words(guest, 1).set([1, 2, 3, 4]);
    guest.execute([["movups", m({ size: 128, displacement: 0x400000 }), r("xmm1")]]);
    expect(guest.written).toEqual([0, 4, 8, 12].map((offset, index) => [0x400000 + offset, 4, index + 1]));
  });

  it("that are code are decoded anew", () => {
    const guest = machine();
    // INC EAX sixteen times over what would be NOPs.
    words(guest, 1).fill(0x40404040);
    const nops = Array.from({ length: 16 }, () => 0x90);
    guest.set("ebx", place.code + 16);
    guest.execute([["movups", m({ size: 128, base: "ebx" }), r("xmm1")], Array.from({ length: 13 }, () => 0x90), nops]);
    expect(guest.get("eax")).toBe(16);
  });
});

describe("MXCSR", () => {
  it("is 1F80H after reset; bits that do not exist are refused", () => {
    const guest = machine();
    expect(control(guest)).toBe(MXCSR_RESET);
    guest.word(place.data, 0x10000);
    expect(guest.execute([load])).toMatchObject({ vector: GP, error: 0 });
    guest.word(place.data, 0xffbf);
    expect(guest.execute([load]).vector).toBeUndefined();
    expect(control(guest)).toBe(0xffbf);
  });

  it("collects what the quick way need not compute", () => {
    const guest = machine();
    doubles(guest, 0).set([1, 0]);
    doubles(guest, 1).set([3, 0]);
    guest.execute([["addsd", r("xmm0"), r("xmm1")]]);
    expect([doubles(guest, 0)[0], control(guest)]).toEqual([4, MXCSR_RESET]);
    guest.execute([["divsd", r("xmm0"), r("xmm1")]]);
    expect([doubles(guest, 0)[0], control(guest)]).toEqual([4 / 3, MXCSR_RESET | mxcsr.PE]);
  });

  it("lets an unmasked exception raise #XM, or #UD without OSXMMEXCPT, and keeps the destination", () => {
    for (const [more, vector] of [
      [cr4.OSXMMEXCPT, XM],
      [0, UD],
    ] as const) {
      const guest = machine({ cr4: cr4.OSFXSR | more });
      guest.processor.core.state.set(at.mxcsr, MXCSR_RESET & ~(mxcsr.ZE << mxcsr.maskShift));
      doubles(guest, 0).set([1, 2]);
      doubles(guest, 1).set([0, 3]);
      expect(guest.execute([["divpd", r("xmm0"), r("xmm1")]])).toMatchObject({ vector, eip: place.code });
      expect([...doubles(guest, 0), control(guest) & 0x3f]).toEqual([1, 2, mxcsr.ZE]);
    }
  });

  it("tells an unmasked underflow of an exact result without telling precision", () => {
    const guest = machine();
    guest.processor.core.state.set(at.mxcsr, 0x1080);
    words(guest, 0).fill(0x83f61a66);
    words(guest, 1).fill(0x4b000000);
    expect(guest.execute([["divss", r("xmm0"), r("xmm1")]]).vector).toBe(XM);
    expect(control(guest)).toBe(0x1080 | mxcsr.UE);
  });
});

describe("RCPPS and RSQRTPS", () => {
  const results = (guest: Guest, register: number): Float32Array => new Float32Array(words(guest, register).slice().buffer);

  it("are within 1.5 * 2^-12 of the truth", () => {
    const guest = machine();
    for (let index = 0; index < 500; index++) {
      const value = Math.fround((index + 1) ** 3 * 1.37 * 2 ** ((index % 100) - 50));
      new Float32Array(words(guest, 1).buffer, words(guest, 1).byteOffset, 4).fill(value);
      guest.execute([
        ["rcpps", r("xmm0"), r("xmm1")],
        ["rsqrtps", r("xmm2"), r("xmm1")],
      ]);
      expect(Math.abs((results(guest, 0)[3] ?? 0) * value - 1)).toBeLessThan(1.5 * 2 ** -12);
      expect(Math.abs((results(guest, 2)[3] ?? 0) * Math.sqrt(value) - 1)).toBeLessThan(1.5 * 2 ** -12);
    }
    expect(control(guest)).toBe(MXCSR_RESET);
  });

  it("take denormals for zeros, flush tiny results, and raise nothing", () => {
    const guest = machine();
    words(guest, 1).set([0x80000001, 0x7f000000, 0xff800000, 0x7f800001]);
    guest.execute([
      ["rcpps", r("xmm0"), r("xmm1")],
      ["rsqrtps", r("xmm2"), r("xmm1")],
    ]);
    expect([...words(guest, 0)]).toEqual([0xff800000, 0, 0x80000000, 0x7fc00001]);
    expect([...words(guest, 2)].map((word) => word.toString(16))).toEqual(["ff800000", "1fb504f3", "ffc00000", "7fc00001"]);
    expect(control(guest)).toBe(MXCSR_RESET);
  });
});

describe("the x87 side of MMX (SDM 1 9.5)", () => {
  it("is a full stack after any instruction, an empty one after EMMS, with its top at 0", () => {
    const guest = machine();
    const { state } = guest.processor.core;
    state.set(at.fpuTop, 5);
    state.set(at.fpuTags, 0x21);
    guest.execute([["movd", r("mm3"), r("eax")]]);
    expect([state.get(at.fpuTop), state.get(at.fpuTags), state.get(at.fpuRegisters + 3 * 16 + 8)]).toEqual([0, 0xff, 0xffff]);
    state.set(at.fpuTop, 5);
    guest.execute([["emms"]]);
    expect([state.get(at.fpuTop), state.get(at.fpuTags)]).toEqual([0, 0]);
  });

  it("is touched by a conversion into an MMX register even if that raises #XM", () => {
    const guest = machine();
    const { state } = guest.processor.core;
    state.set(at.fpuTop, 5);
    state.set(at.mxcsr, 0);
    doubles(guest, 1).fill(0.5);
    expect(guest.execute([["cvtpd2pi", r("mm0"), r("xmm1")]]).vector).toBe(XM);
    expect([state.get(at.fpuTop), state.get(at.fpuTags)]).toEqual([0, 0xff]);
  });
});

describe("FXSAVE and FXRSTOR", () => {
  it("carry everything but what is reserved", () => {
    const guest = machine();
    const { state } = guest.processor.core;
    const image = place.data;
    for (let offset = at.fpuRegisters; offset < at.mxcsr; offset += 4) state.set(offset, (offset * 0x01234567) | 0);
    for (let register = 0; register < 8; register++) state.set(at.fpuRegisters + register * 16 + 8, 0x4000 + register);
    for (let register = 0; register < 8; register++) state.set(at.fpuRegisters + register * 16 + 12, 0);
    const before = state.words.slice(at.fpuRegisters / 4, (at.fpuDataSelector + 4) / 4);
    guest.word(image + 416, 0x55aa55aa);
    guest.execute([["fxsave", { kind: "memory", displacement: image }]]);
    state.words.fill(0, at.fpuRegisters / 4, (at.fpuDataSelector + 4) / 4);
    guest.execute([["fxrstor", { kind: "memory", displacement: image }]]);
    expect(state.words.slice(at.fpuRegisters / 4, (at.fpuDataSelector + 4) / 4)).toEqual(before);
    expect(guest.read(image + 416)).toBe(0x55aa55aa);
  });

  it("need a 16-byte boundary, and FXRSTOR a possible MXCSR", () => {
    const guest = machine();
    expect(guest.execute([["fxsave", { kind: "memory", displacement: place.data + 8 }]])).toMatchObject({ vector: GP, error: 0 });
    guest.word(place.data + 24, 0x10000);
    expect(guest.execute([["fxrstor", { kind: "memory", displacement: place.data }]])).toMatchObject({ vector: GP, error: 0 });
  });
});

describe("MASKMOVDQU", () => {
  it("writes the bytes that the mask marks, and checks segment and pages even if there are none", () => {
    const guest = machine();
    words(guest, 0).fill(0x11223344);
    words(guest, 1).set([0x80008000, 0, 0, 0x80]);
    guest.set("edi", place.data + 1);
    guest.execute([["maskmovdqu", r("xmm0"), r("xmm1")]]);
    expect([0, 4, 8, 12].map((offset) => guest.read(place.data + 1 + offset))).toEqual([0x11003300, 0, 0, 0x44]);
    words(guest, 1).fill(0);
    // CS cannot be written.
    expect(guest.execute([[0x2e, 0x66, 0x0f, 0xf7, 0xc1]]).vector).toBe(GP);
    guest.page();
    guest.processor.core.state.set(at.cr4, cr4.OSFXSR);
    updateMode(guest.processor.core);
    guest.map(0x101000, 0);
    guest.set("edi", 0x100ff8);
    expect(guest.execute([["maskmovdqu", r("xmm0"), r("xmm1")]])).toMatchObject({ vector: 14, error: 2, cr2: 0x101000 });
  });
});

describe("hidden features", () => {
  it("are not in CPUID, also after a reset, and work", () => {
    const bus = { readPort: () => 0, writePort: () => undefined, readMemory: () => 0, writeMemory: () => undefined };
    const hide = ["FPU", "SSE2"] as const;
    const { core } = createProcessor({ memory: 1 << 20, bus: { ...bus, acknowledge: () => 0, timeStamp: () => 0n }, hide });
    resetState(core);
    expect(featuresOf(core)).toBe(FEATURES & ~(feature.FPU | feature.SSE2));
    expect(CR4_BITS & cr4.OSFXSR).toBe(cr4.OSFXSR);
  });
});
