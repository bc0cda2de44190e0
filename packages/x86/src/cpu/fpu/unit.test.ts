import { beforeEach, describe, expect, it } from "vitest";
import { i, m, r } from "../../../test/assemble.ts";
import { Guest, place } from "../../../test/guest.ts";
import { at, cr0, CS, DS, ES, segment, SS } from "../../state/layout.ts";
import { resetState } from "../reset.ts";
import { cacheParagraph, updateMode } from "../segments.ts";
import { vector } from "../exceptions.ts";

let guest: Guest;
const { data } = place;
const state = (offset: number): number => guest.processor.core.state.get(offset);
const setControl = (bits: number): void => {
  guest.processor.core.state.set(at.cr0, cr0.PE | cr0.ET | bits);
  updateMode(guest.processor.core);
};
const word = (address: number): number => guest.read(address) & 0xffff;
const at64 = (displacement: number): ReturnType<typeof m> => m({ size: 64, displacement });
const at16 = (displacement: number): ReturnType<typeof m> => m({ size: 16, displacement });

/** Divides 1 by 0 with that exception unmasked. */
const FAULTY = [
  ["fninit"],
  ["mov", m({ displacement: data }), i(0x37b)],
  ["fldcw", at16(data)],
  ["fld1"],
  ["fldz"],
  ["fdivp", r("st(1)"), r("st(0)")],
] as const;
const ZERO_DIVIDE = 0x8084;

beforeEach(() => {
  guest = new Guest();
  setControl(cr0.NE);
});

describe("availability (SDM 3A 2.5, table 9-2)", () => {
  it.each([cr0.EM, cr0.TS])("raises #NM with CR0 bit %i for all but WAIT", (bit) => {
    for (const line of [["fnop"], ["fninit"], ["fld1"], ["fnstsw", r("ax")], ["fsin"], ["fldcw", at16(data)]] as const) {
      setControl(bit);
      expect(guest.execute([line])).toMatchObject({ vector: vector.NM, eip: place.code });
    }
    setControl(bit);
    expect(guest.execute([["wait"]]).vector).toBeUndefined();
  });

  it("raises #NM for WAIT with MP and TS", () => {
    setControl(cr0.MP | cr0.TS);
    expect(guest.execute([["wait"]]).vector).toBe(vector.NM);
  });

  it("raises #UD for opcodes that are none", () => {
    expect(guest.execute([[0xd9, 0xd1]]).vector).toBe(vector.UD);
  });
});

describe("pending exceptions", () => {
  it("are raised as #MF by the next waiting instruction, not by the one that fails", () => {
    const end = guest.execute([...FAULTY, ["mov", r("ebx"), i(7)], ["fld1"]]);
    expect(end.vector).toBe(vector.MF);
    expect(guest.get("ebx")).toBe(7);
    expect(state(at.fpuStatus) & 0x80ff).toBe(ZERO_DIVIDE);
  });

  it("are left alone by control instructions, and cleared by FNCLEX", () => {
    const end = guest.execute([...FAULTY, ["fnstsw", r("ax")], ["fnclex"], ["wait"], ["fld1"]]);
    expect(end.vector).toBeUndefined();
    expect(guest.get("eax") & 0x80ff).toBe(ZERO_DIVIDE);
    expect(state(at.fpuStatus) & 0x80ff).toBe(0);
  });

  it("come up when a mask is taken away", () => {
    const lines = [
      ["fninit"],
      ["fld1"],
      ["fldz"],
      ["fdivp", r("st(1)"), r("st(0)")],
      ["mov", m({ displacement: data }), i(0x37b)],
    ] as const;
    const end = guest.execute([...lines, ["fldcw", at16(data)], ["wait"]]);
    expect(end.vector).toBe(vector.MF);
  });

  it("leave operands of an unmasked division as they were", () => {
    guest.execute(FAULTY);
    expect([state(at.fpuTop), state(at.fpuTags)]).toEqual([6, 0xc0]);
  });

  it("without CR0.NE stop the processor until an interrupt, and tell FERR#", () => {
    const told: boolean[] = [];
    let ignored = false;
    guest.processor.core.bus.floatError = (pending) => {
      told.push(pending);
      return ignored;
    };
    setControl(0);
    expect(guest.execute([...FAULTY, ["fld1"], ["fnclex"]])).toMatchObject({ stop: "halted", vector: undefined, eip: guest.get("eip") });
    expect(told).toEqual([true]);
    // The interrupt's handler would assert IGNNE# by port F0h.
    ignored = true;
    guest.processor.core.state.set(at.activity, 0);
    guest.run();
    expect(told).toEqual([true, true, false]);
    expect(state(at.fpuTop)).toBe(5);
  });
});

describe("the stack (SDM 1 8.5.1.1)", () => {
  it("overflows with C1, underflows without", () => {
    guest.execute([["fninit"], ...Array.from({ length: 9 }, () => ["fld1"] as const)]);
    expect(state(at.fpuStatus) & 0x241).toBe(0x241);
    guest.execute([["fninit"], ["fstp", at64(data)]]);
    expect(state(at.fpuStatus) & 0x241).toBe(0x41);
    expect([guest.read(data), guest.read(data + 4)]).toEqual([0, 0xfff80000]);
  });

  it("does nothing at an unmasked fault", () => {
    const setup = [["fninit"], ["mov", m({ displacement: data }), i(0x37e)], ["fldcw", at16(data)]] as const;
    guest.word(data + 8, 0x1234);
    guest.execute([...setup, ["fstp", at64(data + 8)]]);
    expect([state(at.fpuTop), guest.read(data + 8)]).toEqual([0, 0x1234]);
  });
});

describe("FXAM (SDM 2A table 3-53)", () => {
  it.each([
    ["unsupported", 0x4000, 0n, 0x000],
    ["NaN", 0x7fff, 0xc000_0000_0000_0000n, 0x100],
    ["normal", 0x3fff, 0x8000_0000_0000_0000n, 0x400],
    ["infinity", 0x7fff, 0x8000_0000_0000_0000n, 0x500],
    ["zero", 0, 0n, 0x4000],
    ["denormal", 0, 1n, 0x4400],
    ["negative", 0xbfff, 0x8000_0000_0000_0000n, 0x600],
  ])("%s", (_, top, significand, conditions) => {
    guest.processor.core.memory.view.setBigUint64(guest.processor.core.memory.ramBase + data, significand, true);
    guest.word(data + 8, top);
    guest.execute([["fninit"], ["fld", m({ size: 80, displacement: data })], ["fxam"]]);
    expect(state(at.fpuStatus) & 0x4700).toBe(conditions);
  });

  it("tells empty registers", () => {
    guest.execute([["fninit"], ["fxam"]]);
    expect(state(at.fpuStatus) & 0x4500).toBe(0x4100);
  });
});

describe("the environment (SDM 1 8.1.10)", () => {
  const program = [["fninit"], ["fld1"], ["fld", at64(data + 0x40)], ["fldz"], ["fstp", at64(data + 0x48)]] as const;
  /** Bytes of FNINIT and the two loads before FLDZ and FSTP. */
  const STORE_AT = place.code + 2 + 2 + 6 + 2;

  it("has tags, pointers and the opcode in 32 bits", () => {
    guest.execute(program);
    guest.load([[0xd9, 0x35, data & 0xff, (data >> 8) & 0xff, data >> 16, 0, 0xf4]]);
    guest.run();
    const words = [0, 4, 8, 12, 16, 20, 24].map((offset) => guest.read(data + offset));
    // R7 is 1, R6 zero; both are in use, TOP is 6.
    expect(words).toEqual([
      0xffff037f,
      0xffff3000,
      0xffff1fff,
      STORE_AT,
      (0x51d << 16) | guest.processor.core.segment(CS, segment.selector),
      data + 0x48,
      0xffff0010,
    ]);
  });

  it("masks all exceptions after storing, and FNSAVE initializes", () => {
    guest.execute([...FAULTY]);
    guest.load([[0xd9, 0x35, 0, 0, 2, 0, 0xdd, 0x35, 0x40, 0, 2, 0, 0xf4]]);
    guest.run();
    expect([word(data), word(data + 4) & ZERO_DIVIDE, word(data + 0x40)]).toEqual([0x37b, ZERO_DIVIDE, 0x37f]);
    expect([state(at.fpuStatus), state(at.fpuTags), state(at.fpuControl)]).toEqual([0, 0, 0x37f]);
  });

  it("comes back by FLDENV and FRSTOR, in both formats", () => {
    for (const prefix of [[], [0x66]]) {
      const save = [...prefix, 0xdd, 0x35, 0, 0, 2, 0];
      const restore = [...prefix, 0xdd, 0x25, 0, 0, 2, 0];
      guest.execute([["fninit"], ["fldpi"], ["fld1"], ["fstp", r("st(3)")], save, restore, ["fist", m({ displacement: data + 0x80 })]]);
      expect([state(at.fpuTop), state(at.fpuTags), guest.read(data + 0x80)]).toEqual([7, 0x82, 3]);
    }
  });

  it("holds linear addresses in real mode (SDM 1 figures 8-10, 8-12)", () => {
    const { core } = guest.processor;
    resetState(core);
    for (const number of [ES, CS, SS, DS]) cacheParagraph(core, number, 0x1000);
    updateMode(core);
    // At 1000:0000: FNINIT; FLD qword [0x80]; FNSTENV [0x100]; HLT.
    guest.bytes.set([0xdb, 0xe3, 0xdd, 0x06, 0x80, 0, 0xd9, 0x36, 0, 1, 0xf4], 0x10000);
    core.state.set(at.eip, 0);
    core.state.set(at.activity, 0);
    guest.run();
    const words = [0, 2, 4, 6, 8, 10, 12].map((offset) => word(0x10100 + offset));
    expect(words).toEqual([0x37f, 0x3800, 0x7fff, 0x0002, 0x1506, 0x0080, 0x1000]);
  });
});
