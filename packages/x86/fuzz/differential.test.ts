import { possible } from "@mercury/vitest/possible";
import { afterAll, describe, expect, it } from "vitest";
import type { Row } from "@mercury/isa";
import { campaign, compareAll, generalSubject, x87Subject } from "./campaign.ts";
import { describeCase, reachesRunners } from "./compare.ts";
import { CODE_BYTES, DATA, ENDLESS, WINDOW, type Case } from "./layout.ts";
import { Random } from "./random.ts";
import { EmulatedRunner } from "./run-emulated.ts";
import { NativeRunner } from "./run-native.ts";
import { distance, transcendentalCase, transcendentalRows } from "./transcendental.ts";
import { extendedState } from "./vectors.ts";

const native = NativeRunner.create();
const missing = native === undefined ? "gcc -m32 is missing (Debian package gcc-multilib), or its output does not run here" : null;
const only = new RegExp(process.env["FUZZ_ONLY"] ?? "");
const isWanted = ({ mnemonic }: Row): boolean => only.test(mnemonic);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
/** Sequences of each kind and length: in CI as many as one core does in four to five minutes, elsewhere in seconds. */
const count = Number(process.env["FUZZ_COUNT"] ?? (process.env["CI"] ? 200_000 : 5_000));
/** Hours for a campaign on a host that has other things to do: what ends a test is its count. */
const timeout = 4 * 3600_000;

describe.runIf(possible("instructions against the host's processor", missing))("user-mode instructions against the host processor", () => {
  afterAll(() => native?.close());

  it.each([1, 4])(`agrees on ${count} sequences of at most %i instructions, seed ${seed}`, { timeout }, (longest) => {
    if (native === undefined) throw new Error("gcc -m32 is missing, or its output does not run here");
    const found = campaign(native, seed + longest, count, longest, { ...generalSubject, rows: generalSubject.rows.filter(isWanted) });
    expect(found.slice(0, 25).join("\n")).toBe("");
    expect(found).toHaveLength(0);
  });

  /** A case of so much code, with these in ECX and EDI. */
  const simple = (name: string, code: readonly number[], ecx: number, edi: number): Case => ({
    registers: [0, ecx, 0, 0, 0, 0, 0, edi],
    eflags: 0x202,
    codeOffset: 0,
    code: Uint8Array.from({ length: CODE_BYTES }, (_, index) => code[index] ?? 0xcc),
    window: new Uint8Array(WINDOW),
    extended: extendedState(new Random(seed)),
    undefinedFlags: 0,
    mnemonics: [name],
  });

  // A generated jump comes back to its own sequence once in a while.
  it.each([
    ["a jump to itself, which never ends", [0xeb, 0xfe], ENDLESS],
    ["a LOOP of 100 million rounds", [0xe2, 0xfe], 3],
  ] as const)("agrees on %s", (name, code, trap) => {
    if (native === undefined) throw new Error("gcc -m32 is missing, or its output does not run here");
    const one = simple(name, code, 100_000_000, 0);
    expect(compareAll([one], native, new EmulatedRunner())).toEqual([]);
    expect(native.run([one])[0]?.trap).toBe(trap);
  });

  it("keeps from the host what would overwrite the process that runs it", () => {
    const wild = simple("rep stosd over the stack", [0xf3, 0xab], 0x10_0000, 0xffb6_0000);
    expect(reachesRunners(new EmulatedRunner().run(wild))).toBe(true);
    const tame = simple("rep stosd over the end of the data", [0xf3, 0xab], 0x10_0000, DATA);
    expect(reachesRunners(new EmulatedRunner().run(tame))).toBe(false);
  });

  it.each(transcendentalRows.filter(isWanted).map((row) => [row.mnemonic, row] as const))(
    `is within an ulp of the host's %s, seed ${seed}`,
    { timeout },
    (_, row) => {
      if (native === undefined) throw new Error("gcc -m32 is missing, or its output does not run here");
      const random = new Random(seed);
      const cases = Array.from({ length: Math.min(count, 2000) }, () => transcendentalCase(row, random));
      const emulated = new EmulatedRunner();
      const wrong = native.run(cases).flatMap((host, index) => {
        const one = cases[index];
        const apart = one === undefined ? 0n : distance(emulated.run(one), host);
        return one === undefined || (typeof apart === "bigint" && apart <= 1n) ? [] : [`${apart}\n${describeCase(one)}`];
      });
      expect(wrong.slice(0, 10)).toEqual([]);
    },
  );

  it.each([1, 6])(`agrees on ${count} x87 sequences of at most %i instructions, seed ${seed}`, { timeout }, (longest) => {
    if (native === undefined) throw new Error("gcc -m32 is missing, or its output does not run here");
    const found = campaign(native, seed + longest, count, longest, { ...x87Subject, rows: x87Subject.rows.filter(isWanted) });
    expect(found.slice(0, 25).join("\n")).toBe("");
    expect(found).toHaveLength(0);
  });
});
