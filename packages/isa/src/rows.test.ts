import { expect, test } from "vitest";
import { candidates, mnemonics } from "./candidates.ts";
import { type Row } from "./row.ts";
import { rows } from "./rows.ts";

const nameOf = (row: Row): string => `${row.mnemonic} ${row.opcode} ${row.operands.map(({ code }) => code).join(",")}`;

test("ids are positions", () => {
  expect(rows.map(({ id }) => id)).toEqual(rows.map((_, at) => at));
});

test("no form is there twice", () => {
  expect(new Set(rows.map(nameOf)).size).toBe(rows.length);
});

/** Everything that one row's opcode, prefix and ModRM byte can be, as one key each. */
function* places(row: Row): Generator<string> {
  for (let low = 0; low < (row.plusRegister ? 8 : 1); low++) {
    const opcode = `${row.map}:${row.opcodeByte + low}:${row.mandatoryPrefix}`;
    if (!row.hasModrm) yield opcode;
    for (let modrm = 0; row.hasModrm && modrm < 256; modrm++) {
      const wrongForm = modrm >= 0xc0 ? row.modrmForm === "memory" : row.modrmForm === "register" && !row.modIgnored;
      if (row.rm >= 0 && (modrm & 7) !== row.rm) continue;
      if ((row.regMask & (1 << ((modrm >> 3) & 7))) !== 0 && !wrongForm) yield `${opcode}:${modrm}`;
    }
  }
}

test("where two rows claim the same bytes, one is the exception of the other", () => {
  const owners = new Map<string, Row>();
  const clashes = new Set<string>();
  for (const row of rows) {
    for (const place of places(row)) {
      const owner = owners.get(place);
      if (owner !== undefined) clashes.add(`${nameOf(owner)} | ${nameOf(row)}`);
      owners.set(place, row);
    }
  }
  expect([...clashes]).toEqual(["xchg 90+r Zv,rAX | nop 90 ", "nop 0F 1F /0 Ev | nop 0F 1F /r Ev"]);
});

test("the encoder reaches every row that is no alias", () => {
  const reached = new Set(mnemonics.flatMap((name) => candidates.get(name)?.shortest.map(({ row }) => row.id) ?? []));
  expect(rows.filter(({ id, alias }) => !alias && !reached.has(id))).toEqual([]);
});

test("flags are written or undefined, not both", () => {
  expect(rows.filter(({ flagsWritten, flagsUndefined }) => (flagsWritten & flagsUndefined) !== 0).map(nameOf)).toEqual([]);
});
