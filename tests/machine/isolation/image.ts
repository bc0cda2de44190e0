import { fileURLToPath } from "node:url";
import { memoryMap, selectors } from "@mercury/abi";
import {
  type Assembler,
  type CodeFunction,
  compileProgram,
  createAssembler,
  flatten,
  linkImage,
  type ProgramObject,
  symbol,
  writeElf,
} from "@mercury/toolchain";
// @boundaries-ignore the VMM's own tests boot the same way; what they boot with is no part of the package
import { hostileBoot } from "../../../packages/vmm/test/hostile-boot.ts";
// @boundaries-ignore the VMM's own tests boot the same way; what they boot with is no part of the package
import { hostileImage } from "../../../packages/vmm/test/hostile-image.ts";
import { fuzz } from "./stubs/fuzz.ts";
import { instructions } from "./stubs/instructions.ts";
import { probes } from "./stubs/probes.ts";
import { programStart } from "./stubs/program.ts";
import { kernelTraps } from "./stubs/traps.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
/** Where the hostile program's data lies: in the pages that metal/user-space.ts maps. */
const programData = memoryMap.userImageBase + 0x2_0000;

async function compile(module: string, memoryBase: number): Promise<ProgramObject> {
  const entries = [`@mercury/machine-tests/isolation/metal/${module}`];
  const { program } = await compileProgram({ roots: [root], entries, bindings: {}, memoryBase, optimise: 2, patchable: false });
  return program;
}

function programStubs(): readonly CodeFunction[] {
  const a = createAssembler();
  programStart(a);
  probes(a, selectors.userData);
  instructions(a);
  return a.finish();
}

/** The program as it lies in memory, from its first page on. */
async function hostileProgram(): Promise<Uint8Array> {
  const image = linkImage({
    name: "hostile program",
    program: await compile("program", programData),
    stubs: programStubs(),
    textBase: memoryMap.userImageBase,
    dataBase: programData,
    limit: null,
    loadOffset: 0,
    entry: "start",
    siteTable: false,
    blobs: [],
  });
  return flatten(image);
}

interface KernelParts {
  readonly more?: (a: Assembler) => void;
  readonly blobs?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** A kernel of metal under the VMM: its boot path, then `main` in ring 1. */
async function kernel(module: string, { more = (): void => {}, blobs = [] }: KernelParts): Promise<Uint8Array> {
  const a = createAssembler();
  hostileBoot(a);
  a.procedure("hostileMain");
  a.call(symbol("image.start"));
  a.call(symbol("main"));
  a.ud2();
  kernelTraps(a);
  probes(a, selectors.kernelDataRing1);
  instructions(a);
  more(a);
  const program = await compile(module, memoryMap.kernelDataBase);
  return writeElf(
    await hostileImage({ stubs: a.finish(), program, blobs: blobs.map((blob) => ({ ...blob, physical: "after" }) as const) }),
  );
}

/** A kernel and a program that try every selector, gate, mapping and descriptor. */
export async function isolationImage(): Promise<Uint8Array> {
  return kernel("kernel", { blobs: [{ name: "program", bytes: await hostileProgram() }] });
}

/** A kernel that makes `calls` hypercalls with arguments at random. */
export async function fuzzImage(seed: number, calls: number): Promise<Uint8Array> {
  const more = (a: Assembler): void => fuzz(a, seed, calls);
  return kernel("fuzz", { more, blobs: [{ name: "program", bytes: new Uint8Array(0) }] });
}
