import { fileURLToPath } from "node:url";
import type { InterruptEntries } from "@mercury/abi";
import {
  type Assembler,
  type Blob,
  checkImage,
  type CodeFunction,
  compileProgram,
  createAssembler,
  flatten,
  type ImageReport,
  type ImageRules,
  linkImage,
  type MetalBindings,
  type ProgramObject,
  writeElf,
} from "@mercury/toolchain";
import { MachineError } from "../errors.ts";
import type { Product } from "./cache.ts";
import { building } from "./failure.ts";

/** A function of a module that writes stubs into an assembler. */
export interface StubsRef {
  /** URL of the module. */
  readonly module: string;
  /** Name under which it exports the function. */
  readonly name: string;
}

/** Everything that makes one image: plain data, so that it can be sent to a worker. Addresses are linear. */
export interface PartJob {
  /** Short name, for messages. */
  readonly name: string;
  /** Packages of the layers whose code is in it. */
  readonly layers: Readonly<Partial<Record<"guest" | "vo" | "vmm" | "switch", string>>>;
  /** Root folders of the packages whose metal is in it. */
  readonly roots: readonly string[];
  readonly entries: readonly string[];
  readonly bindings: MetalBindings;
  readonly stubs: readonly StubsRef[];
  readonly textBase: number;
  readonly dataBase: number;
  /** Where the compiler's static data starts, at or behind `dataBase`. */
  readonly memoryBase: number;
  /** No byte may lie at or above this; null: no limit. */
  readonly limit: number | null;
  /** Linear minus physical address. */
  readonly loadOffset: number;
  /** Symbol at which execution starts. */
  readonly entry: string;
  /** Whether virtual objects are sites that can be rewritten. */
  readonly patchable: boolean;
  /** Where interrupts come in: the variables that they share are then checked. */
  readonly interrupts?: InterruptEntries;
  /** Where instructions may stand that a kernel in ring 1 must not execute: anywhere, or besides sites where these rules say. */
  readonly sensitive: "anywhere" | ImageRules;
  /** An ELF file, or the bytes from the first address on, as a blob of another image. */
  readonly output: "elf" | "flat";
}

type StubWriter = (a: Assembler) => void;

async function loadStubs({ module, name }: StubsRef): Promise<StubWriter> {
  const exports: Readonly<Record<string, unknown>> = await import(module);
  const writer = exports[name];
  if (typeof writer !== "function")
    throw new MachineError("fit", `${fileURLToPath(module)} exports no function "${name}" that writes stubs.`);
  // What it takes cannot be seen; one that uses its assembler wrongly throws.
  return writer as StubWriter;
}

/** An image that lacks only what is loaded along with it. */
export interface CompiledPart {
  readonly job: PartJob;
  readonly stubs: readonly CodeFunction[];
  readonly program: ProgramObject;
  readonly files: readonly string[];
}

/** Has the stubs written and the metal compiled. */
export async function compilePart(job: PartJob): Promise<CompiledPart> {
  const { roots, entries, bindings, memoryBase, patchable, interrupts } = job;
  const assembler = createAssembler({ patchable });
  for (const ref of job.stubs) {
    const write = await loadStubs(ref);
    write(assembler);
  }
  const options = {
    roots,
    entries,
    bindings,
    memoryBase,
    patchable,
    optimise: 3,
    ...(interrupts !== undefined && { interrupts }),
  } as const;
  const { program, files } = await building(job, () => compileProgram(options));
  return { job, stubs: assembler.finish(), program, files };
}

/** An image, and what the check of its instructions found; null where they may stand anywhere. */
export interface CheckedProduct extends Product {
  readonly report: ImageReport | null;
}

/** Links an image and checks it. `blobs` are loaded along with it. */
export async function linkPart({ job, stubs, program, files }: CompiledPart, blobs: readonly Blob[] = []): Promise<CheckedProduct> {
  const { name, textBase, dataBase, limit, loadOffset, entry, patchable, sensitive, output } = job;
  return building(job, () => {
    const linked = linkImage({ name, program, stubs, textBase, dataBase, limit, loadOffset, entry, siteTable: patchable, blobs });
    const report = sensitive === "anywhere" ? null : checkImage(linked, sensitive);
    // Sources go by their modules' names, so that an image is the same wherever its packages lie.
    return { report, bytes: output === "elf" ? writeElf(linked, { sources: "modules" }) : flatten(linked), inputs: files };
  });
}
