import { memoryMap } from "@mercury/abi";
import {
  compileProgram,
  createAssembler,
  flatten,
  linkImage,
  type Blob,
  type CodeFunction,
  type LinkedImage,
  type ProgramObject,
} from "@mercury/toolchain";
import { fileURLToPath } from "node:url";
import stubs from "../stubs/index.ts";

const root = (name: string): string => fileURLToPath(new URL(`../../${name}/`, import.meta.url));

let compiled: Promise<ProgramObject> | undefined;

/** The VMM as it is shipped, with the switch. Compiled once for all kernels. */
function vmmProgram(): Promise<ProgramObject> {
  compiled ??= compileProgram({
    roots: [root("vmm"), root("switch")],
    entries: ["@mercury/vmm/metal", "@mercury/switch/metal"],
    bindings: { "mercury:vmm": { kind: "package", specifier: "@mercury/vmm/metal" } },
    memoryBase: memoryMap.vmmDataBase,
    optimise: 1,
    patchable: false,
  }).then(({ program }) => program);
  return compiled;
}

async function vmmBytes(): Promise<Uint8Array> {
  const a = createAssembler();
  stubs(a);
  const { vmmBase, vmmDataBase } = memoryMap;
  const spec = {
    name: "vmm",
    textBase: vmmBase,
    dataBase: vmmDataBase,
    limit: null,
    loadOffset: 0,
    entry: "vmmHeader",
    siteTable: false,
    blobs: [],
  };
  return flatten(linkImage({ ...spec, program: await vmmProgram(), stubs: a.finish() }));
}

/** What a hostile kernel consists of besides its boot path (hostile-boot.ts) and the VMM. */
export interface HostileKernel {
  /** The boot path among them. */
  readonly stubs: readonly CodeFunction[];
  /** Metal, compiled for `memoryMap.kernelDataBase`. */
  readonly program?: ProgramObject;
  readonly blobs?: readonly Blob[];
}

/** A kernel that starts under the VMM, linked. */
export async function hostileImage({ stubs: own, program, blobs = [] }: HostileKernel): Promise<LinkedImage> {
  return linkImage({
    name: "hostile",
    program: program ?? null,
    stubs: own,
    textBase: memoryMap.kernelTextBase,
    dataBase: memoryMap.kernelDataBase,
    limit: memoryMap.kernelImageEnd,
    loadOffset: memoryMap.directMapBase,
    entry: "multibootEntry",
    siteTable: false,
    blobs: [{ name: "vmm_image", bytes: await vmmBytes(), physical: "after" }, ...blobs],
  });
}
