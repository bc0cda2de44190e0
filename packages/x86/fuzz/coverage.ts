import { decode, rows, type Row } from "@mercury/isa";
import { assemble } from "../test/assemble.ts";
import { executions } from "../src/cpu/semantics/table.ts";
import { generalSubject, x87Subject } from "./campaign.ts";
import { accepted, deviations } from "./deviations.ts";
import { privilegedCases } from "./privileged/cases.ts";
import { transcendentalRows } from "./transcendental.ts";

/** Rows that occur in the cases recorded from Bochs, UD2 at their ends left out. */
function recordedRows(): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { lines } of privilegedCases()) {
    const bytes = Uint8Array.from([...assemble(lines.slice(0, -1)), ...Array.from({ length: 16 }, () => 0x90)]);
    for (let offset = 0; offset < bytes.length - 16;) {
      const decoded = decode(bytes, offset, 32);
      if (!decoded.ok) break;
      found.add(decoded.row.id);
      offset += decoded.length;
    }
  }
  return found;
}

/** What a form is checked against. */
function checksOf({ id }: Row, recorded: ReadonlySet<number>): string {
  const names = [compared.has(id) ? "host" : "", within.has(id) ? "host, an ulp" : "", recorded.has(id) ? "Bochs" : ""];
  return names.filter((name) => name !== "").join(", ") || "cases";
}

const idsOf = (list: readonly Row[]): ReadonlySet<number> => new Set(list.map(({ id }) => id));
const compared = idsOf([...generalSubject.rows, ...x87Subject.rows]);
/** Compared within one unit in the last place. */
const within = idsOf(transcendentalRows);

const how: Readonly<Record<string, string>> = { code: "code", assist: "host", system: "host, ends a block", undefined: "#UD" };

/** Operands as the manual's opcode map has them (SDM 2D appendix A.2). */
const operandsOf = ({ operands }: Row): string => operands.map(({ code }) => code).join(", ");

/**
 * A page that says of every form of the instruction table how it is executed and what it is checked against. It is derived: the table, the table of
 * semantics and the generators of the two comparisons are all it knows.
 */
export function coveragePage(): string {
  const recorded = recordedRows();
  const line = (row: Row): string => {
    const execution = executions[row.id];
    const implemented = execution === undefined ? "no" : (how[execution.by] ?? execution.by);
    const cells = [`\`${row.opcode}\``, `${row.mnemonic} ${operandsOf(row)}`.trim(), implemented, checksOf(row, recorded), row.manual];
    return `| ${cells.join(" | ")} |`;
  };
  const count = (holds: (row: Row) => boolean): number => rows.filter(holds).length;
  return [
    "# Which instructions there are, and how each is checked",
    "",
    "One line for each form of `@mercury/isa`'s table; this page is derived from it and from the generators of the comparisons (`fuzz/coverage.ts`).",
    "",
    `${rows.length} forms; ${count(({ id }) => executions[id] !== undefined)} are executed, ${count(({ id }) => compared.has(id) || within.has(id))} are compared with the host's`,
    `own processor in random sequences, ${count(({ id }) => recorded.has(id))} with recordings of Bochs 2.7.`,
    "",
    "- **Executed**: `code` is WebAssembly made from the form's semantics (of x87 forms for what is frequent, with a function for the rest); `host` is a TypeScript function; `#UD` is what the form is defined to raise.",
    "- **Checked**: `host` in random sequences against a 32-bit process of the host's (`an ulp`: results may differ by one unit in the last place), `Bochs` in generated privileged cases; `cases` by hand-made ones beside the sources alone.",
    "- **Manual**: section of the SDM's volume 2. Operand codes are those of its appendix A.2.",
    "",
    "| Opcode | Form | Executed | Checked | Manual |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map(line),
    "",
    "## Where hosts differ from the processor modelled",
    "",
    "What AMD's processors do otherwise than the manual says of Intel's; sequences that end in one of these are not compared (`fuzz/deviations.ts`).",
    "",
    ...deviations.map(({ about }) => `- ${about}.`),
    "",
    "What is compared for what it may be:",
    "",
    ...accepted.map((about) => `- ${about}.`),
    "",
  ].join("\n");
}
