/**
 * Writes build/metal/: every table as AssemblyScript (constants, structure classes) and the ambient modules `mercury:*` for the editor.
 * Run after the build; the outputs are shipped, never committed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { directorySlots, memoryMap, pageBits, tableDelta } from "../tables/memory-map.ts";
import { auditFindings } from "../tables/audit-findings.ts";
import { errno } from "../tables/errno.ts";
import { hypercalls } from "../tables/hypercalls.ts";
import { metalContracts, type MetalFunction } from "../tables/metal-contracts.ts";
import { gdtSlots, selectors } from "../tables/selectors.ts";
import { layoutOf, structures, switchSteps, type Structure } from "../tables/structures.ts";
import { switchReasons, switchTargets } from "../tables/switch-reasons.ts";
import { syscalls } from "../tables/syscalls.ts";
import { interruptLines, vectors } from "../tables/vectors.ts";
import { interfaceVersion } from "./contracts/version.ts";

const header = "// Generated from @mercury/abi's tables by generate-metal.ts.\n";

/** `sharedPage` -> `SHARED_PAGE` */
export function constantCase(name: string): string {
  // An errno's name is a constant already.
  if (name === name.toUpperCase()) return name;
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
}

/** `sharedPage` -> `SharedPage` */
export function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function constants(prefix: string, values: Readonly<Record<string, number>>, type: string): string {
  return Object.entries(values)
    .map(([name, value]) => `export const ${prefix}${constantCase(name)}: ${type} = ${value >= 0 ? `0x${value.toString(16)}` : value};\n`)
    .join("");
}

const indexed = (names: readonly string[]): Record<string, number> => Object.fromEntries(names.map((name, index) => [name, index]));
const numbers = (rows: Readonly<Record<string, { readonly number: number }>>): Record<string, number> =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.number]));

/** A structure as an unmanaged class; an array field keeps its place by members that nobody names, and its offset is a constant. */
function structureClass(name: string, structure: Structure): string {
  const offsets = layoutOf(name, structure);
  const members = structure.fields.flatMap((field) => (field.count === undefined ? [`  ${field.name}: ${field.type};\n`] : []));
  const simple = structure.fields.every((field) => field.count === undefined);
  const constant = constantCase(name);
  const lines = [`/** ${structure.meaning} */\n`, `export const ${constant}_SIZE: u32 = ${structure.size};\n`];
  for (const field of structure.fields)
    lines.push(`/** ${field.meaning} */\nexport const ${constant}_${constantCase(field.name)}: u32 = ${offsets.get(field.name)};\n`);
  const leading = leadingFields(structure);
  if (leading > 0) {
    lines.push(`// @ts-ignore: decorator\n@unmanaged export class ${pascalCase(name)} {\n`);
    lines.push(...(simple ? members : structure.fields.slice(0, leading).map((field) => `  ${field.name}: ${field.type};\n`)));
    lines.push("}\n");
  }
  return lines.join("");
}

/** Fields before the first array: those that the class can name at their true offsets. */
function leadingFields(structure: Structure): number {
  const first = structure.fields.findIndex((field) => field.count !== undefined);
  return first < 0 ? structure.fields.length : first;
}

function ambientModule(name: string, functions: readonly MetalFunction[]): string {
  const lines = functions.map((entry) => {
    const parameters = entry.parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(", ");
    return `  /** ${entry.meaning} */\n  export function ${entry.name}(${parameters}): ${entry.result};\n`;
  });
  return `${header}declare module "${name}" {\n${lines.join("")}}\n`;
}

/** File name -> text of everything that is generated. */
export function metalFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  files.set(
    "memory-map.ts",
    constants("", memoryMap, "usize") +
      `export const TABLE_DELTA: usize = 0x${tableDelta.toString(16)};\n` +
      constants("SLOT_", directorySlots, "u32") +
      constants("PAGE_", pageBits, "u32"),
  );
  files.set("selectors.ts", constants("GDT_", gdtSlots, "u32") + constants("SELECTOR_", selectors, "u32"));
  files.set("vectors.ts", constants("VECTOR_", vectors, "u32") + constants("LINE_", interruptLines, "u32"));
  files.set("errno.ts", constants("", errno, "i32"));
  files.set("syscalls.ts", constants("SYS_", numbers(syscalls), "u32"));
  files.set("hypercalls.ts", constants("HYPERCALL_", numbers(hypercalls), "u32") + hypercallCount());
  files.set(
    "switch.ts",
    constants("STEP_", indexed(switchSteps), "u32") +
      `export const STEP_COUNT: u32 = ${switchSteps.length};\n` +
      constants("REASON_", indexed(switchReasons.map((reason) => reason.name)), "u32") +
      constants("TARGET_", switchTargets, "u32") +
      reasonErrors() +
      texts(
        "reasonText",
        "The sentence that /proc/mercury/last gives for a reason",
        switchReasons.map((reason) => reason.text),
      ) +
      constants("FINDING_", indexed(auditFindings.map((finding) => finding.name)), "u32") +
      texts(
        "findingText",
        "The sentence that /proc/mercury/audit gives for a finding",
        auditFindings.map((finding) => finding.text),
      ) +
      texts("stepName", "Name of a step, as the report has it", switchSteps) +
      `export const INTERFACE_VERSION: u32 = ${interfaceVersion};\n`,
  );
  files.set(
    "structures.ts",
    Object.entries(structures)
      .map(([name, structure]) => structureClass(name, structure))
      .join("\n"),
  );
  files.set("index.ts", [...files.keys()].map((name) => `export * from "./${name.replace(/\.ts$/, "")}";\n`).join(""));
  for (const [name, text] of files) files.set(name, header + text);
  for (const [name, functions] of Object.entries(metalContracts))
    files.set(`${name.replace(":", "-")}.d.ts`, ambientModule(name, functions));
  return files;
}

/** `reasonErrno(reason)`: the errno of each reason, as a switch that asc turns into a table. */
function reasonErrors(): string {
  const cases = switchReasons.map((reason, index) => `    case ${index}: return ${reason.errno};\n`).join("");
  return `export function reasonErrno(reason: u32): i32 {\n  switch (reason) {\n${cases}    default: return ${errno.EINVAL};\n  }\n}\n`;
}

/** A function from an index to the address of a NUL-terminated text; an index beyond the list gives "unknown". */
function texts(name: string, meaning: string, list: readonly string[]): string {
  const address = (text: string): string => `memory.data<u8>([${[...new TextEncoder().encode(text), 0].join(", ")}])`;
  const cases = list.map((text, index) => `    case ${index}: return ${address(text)}; // ${text}\n`).join("");
  return `/** ${meaning}. */\nexport function ${name}(index: u32): usize {\n  switch (index) {\n${cases}    default: return ${address("unknown")};\n  }\n}\n`;
}

function hypercallCount(): string {
  const last = Math.max(...Object.values(hypercalls).map((row) => row.number));
  return `export const HYPERCALL_COUNT: u32 = ${last + 1};\n`;
}

/** Writes the files below the package's root. */
export function writeMetalFiles(root: URL): void {
  const folder = new URL("build/metal/", root);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of metalFiles()) writeFileSync(new URL(name, folder), text);
}
