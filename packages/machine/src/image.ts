import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Layer, VmmLayer } from "@mercury/abi";
import { buildRamdisk, type RamdiskProgram } from "@mercury/guest-os";
import { BuildCache, type Product } from "./build/cache.ts";
import { kernelJob, programJob, vmmJob } from "./build/jobs.ts";
import { compilePart, linkPart, type PartJob } from "./build/part.ts";
import { Places } from "./build/places.ts";
import { buildAside } from "./build/side-by-side.ts";
import { builderFiles, packagesOf } from "./build/sources.ts";
import type { Machine } from "./define.ts";
import { filesOf } from "./fit.ts";
import { readShipped, type Sources } from "./prebuilt.ts";

/** One image's worth of work, with what is the same for all its parts. */
interface Build {
  readonly machine: Machine;
  readonly cache: BuildCache;
  /** Compiled host code that takes part. */
  readonly builders: readonly string[];
}

function layersOf({ guest, vo, vmm, switch: modeSwitch }: Machine): readonly Layer<string>[] {
  return [guest, vo, modeSwitch, ...(vmm === null ? [] : [vmm])];
}

/**
 * A part by its job, from the cache or built in a thread of its own. It depends on the packages that its job names, not on the rest of
 * the machine, as machines with other layers share it.
 */
async function part({ machine, cache }: Build, job: PartJob): Promise<Product> {
  const packages = packagesOf(layersOf(machine).filter(({ root }) => job.roots.includes(fileURLToPath(root))));
  return cache.get(JSON.stringify([job, [...packages]]), async () => {
    const { bytes, inputs } = await buildAside(job);
    return { bytes, inputs: [...inputs, ...builderFiles(packages)] };
  });
}

async function ramdisk(build: Build): Promise<Product> {
  const { guest } = build.machine;
  const parts = await Promise.all(guest.programs.map((program) => part(build, programJob(guest, program))));
  const programs: RamdiskProgram[] = guest.programs.map(({ path, links }, index) => ({
    path,
    links,
    bytes: parts[index]?.bytes ?? new Uint8Array(0),
  }));
  return { bytes: buildRamdisk(programs, filesOf(guest)), inputs: parts.flatMap(({ inputs }) => inputs) };
}

async function vmmImage(build: Build, vmm: VmmLayer | null): Promise<Product> {
  return vmm === null ? { bytes: new Uint8Array(0), inputs: [] } : part(build, vmmJob(vmm, build.machine));
}

/** All parts, built side by side: the kernel is compiled in this thread, and linked around the others. */
async function assemble(build: Build): Promise<Product> {
  const others = Promise.all([ramdisk(build), vmmImage(build, build.machine.vmm)]);
  // Handled below; a compiler error of the kernel must not leave this one unheard.
  others.catch(() => {});
  const kernel = await compilePart(kernelJob(build.machine));
  const [disk, vmm] = await others;
  const { bytes, inputs } = await linkPart(kernel, [
    { name: "vmm_image", bytes: vmm.bytes, physical: "after" },
    { name: "ramdisk", bytes: disk.bytes, physical: "after" },
  ]);
  return { bytes, inputs: [...new Set([...inputs, ...vmm.inputs, ...disk.inputs, ...build.builders])] };
}

/** What decides an image besides the contents of its sources. */
function imageKey(machine: Machine): string {
  const { guest, vmm } = machine;
  const jobs = [
    kernelJob(machine),
    ...(vmm === null ? [] : [vmmJob(vmm, machine)]),
    ...guest.programs.map((program) => programJob(guest, program)),
  ];
  const files = createHash("sha256");
  for (const { path, mode, contents } of filesOf(guest)) files.update(`${path}\0${mode}\0${contents.length}\0`).update(contents);
  return JSON.stringify([jobs, guest.programs, files.digest("hex")]);
}

/** What a machine's image is made from, besides the inputs that the compiler finds. */
export function sourcesOf(machine: Machine): Sources {
  return { key: imageKey(machine), places: new Places(packagesOf(layersOf(machine))) };
}

/** Makes a machine's image from its sources, or takes from `cache` what they gave before. Throws as buildImage does. */
export async function assembleImage(machine: Machine, cache: BuildCache): Promise<Product> {
  const build = { machine, cache, builders: builderFiles(packagesOf(layersOf(machine))) };
  return cache.get(imageKey(machine), () => assemble(build));
}

/**
 * The bootable image of a machine: a multiboot 1 ELF with the kernel, the VMM and the RAM disk. That of the default layers came with this
 * package; any other is built once for each state of its sources. Throws the toolchain's errors, which name file and line, for metal code
 * that does not compile.
 */
export async function buildImage(machine: Machine, cache: BuildCache = new BuildCache()): Promise<Uint8Array> {
  return shippedImage(machine) ?? (await assembleImage(machine, cache)).bytes;
}

/** The image that came with this package, when it is what the machine's sources give; null otherwise. */
export function shippedImage(machine: Machine): Uint8Array | null {
  return readShipped(sourcesOf(machine));
}
