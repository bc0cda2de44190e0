import { existsSync, readFileSync } from "node:fs";
import { type GuestFile, type GuestLayer, type GuestProgram, interfaceVersion, type Layer, type SwitchLayer } from "@mercury/abi";
import type { CpuLayer } from "@mercury/x86";
import { MachineError } from "./errors.ts";

/** Refuses a machine with one plain sentence. */
export function refuse(sentence: string): never {
  throw new MachineError("fit", sentence);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** What a descriptor, which may come from JavaScript, says that it is. */
function subject(layer: { readonly name: string; readonly kind: string; readonly packageName?: string }): string {
  const name = isText(layer.name) ? `"${layer.name}"` : "what was given";
  const origin = isText(layer.packageName) ? ` of ${layer.packageName}` : "";
  return `${name}${origin} is ${isText(layer.kind) ? `a ${layer.kind} layer` : "no layer"}`;
}

function checkDescriptor(kind: string, layer: Layer<string>): void {
  if (layer.kind !== kind) refuse(`${subject(layer)} and cannot stand in for the ${kind}.`);
  for (const key of ["name", "packageName", "version"] as const) {
    if (!isText(layer[key])) refuse(`The ${kind} layer's descriptor does not say its ${key}.`);
  }
  if (layer.interfaceVersion !== interfaceVersion) {
    refuse(
      `${layer.packageName} ${layer.version} was written for interface version ${layer.interfaceVersion}; this Mercury has version ${interfaceVersion}.`,
    );
  }
  if (!(layer.root instanceof URL))
    refuse(`The descriptor of ${layer.packageName} does not say its root, a file: URL of the package's folder.`);
  if (layer.stubs !== null && !(layer.stubs instanceof URL)) {
    refuse(`The descriptor of ${layer.packageName} does not say its stubs: a file: URL of a module, or null.`);
  }
}

/** The name in the package.json of a folder; null when there is none. */
function nameOfPackage(root: URL): string | null {
  try {
    // A name that is not there, or is no text, differs from every package's.
    const { name } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { readonly name?: string };
    return name ?? null;
  } catch {
    return null;
  }
}

/** The checks that the types cannot make, as a descriptor may come from JavaScript or from a package of another version. */
export function checkLayer(kind: string, layer: Layer<string>): void {
  checkDescriptor(kind, layer);
  const { packageName, root, stubs } = layer;
  // The switch's other half is the kernel's; the rest of a layer hangs on its index.
  for (const file of kind === "switch" ? ["metal/index.ts", "metal/request.ts"] : ["metal/index.ts"]) {
    if (!existsSync(new URL(file, root)))
      refuse(`${packageName} has no ${file} under ${root.pathname}, so the ${kind} layer cannot be compiled.`);
  }
  const name = nameOfPackage(root);
  if (name !== packageName)
    refuse(`The package under ${root.pathname} is called ${name ?? "nothing"}, and its ${kind} layer says ${packageName}.`);
  if (stubs !== null && !existsSync(stubs)) refuse(`${packageName} names the stubs ${stubs.pathname}, which do not exist.`);
}

/** A package is compiled as a whole, so it can bring one layer; and metal code knows it by its name alone. */
export function checkDistinct(layers: readonly Layer<string>[]): void {
  for (const [index, layer] of layers.entries()) {
    const other = layers.slice(0, index).find(({ packageName }) => packageName === layer.packageName);
    if (other !== undefined)
      refuse(`${layer.packageName} cannot be both the ${other.kind} and the ${layer.kind} of one machine: a package brings one layer.`);
  }
}

function isPath(value: unknown): boolean {
  return isText(value) && value.startsWith("/");
}

function isProgram(value: Partial<GuestProgram> | null): boolean {
  return isPath(value?.path) && isText(value?.entry) && Array.isArray(value?.links) && value.links.every(isPath);
}

function isFile(value: Partial<GuestFile> | null): boolean {
  return isPath(value?.path) && Number.isInteger(value?.mode) && value?.contents instanceof Uint8Array;
}

/** The files that a guest gives its RAM disk. Throws a MachineError of kind `fit` when it fails to, or gives something else. */
export function filesOf(guest: GuestLayer): readonly GuestFile[] {
  const { packageName } = guest;
  const given = ((): readonly GuestFile[] => {
    try {
      return guest.files();
    } catch (error) {
      return refuse(`${packageName} cannot say the guest's files: ${error instanceof Error ? error.message : String(error)}`);
    }
  })();
  if (!Array.isArray(given) || !given.every(isFile))
    refuse(`${packageName} gives files that are none: each has an absolute path, a mode and its contents as a Uint8Array.`);
  return given;
}

/** The guest's own part of its descriptor. */
export function checkGuest({ packageName, programs, files, root }: GuestLayer): void {
  if (!Array.isArray(programs) || !programs.every(isProgram) || typeof files !== "function")
    refuse(`The descriptor of ${packageName} does not list the guest's programs and files.`);
  for (const { path, entry } of programs) {
    if (!existsSync(new URL(entry, root))) refuse(`${packageName} names ${entry} as the source of ${path}, which does not exist.`);
  }
}

/** The strategy that a machine uses: the one given, else the switch's first. */
export function checkStrategy({ name, packageName, strategies }: SwitchLayer, chosen: string | undefined): string {
  // Words of the kernel's command line (`switch=NAME`).
  if (
    !Array.isArray(strategies) ||
    strategies.length === 0 ||
    !strategies.every((word) => typeof word === "string" && /^[\x21-\x7e]+$/.test(word))
  ) {
    refuse(`The descriptor of ${packageName} does not list the switch's strategies: one or more words without spaces.`);
  }
  const strategy = chosen ?? strategies[0];
  if (!strategies.includes(strategy)) refuse(`The switch "${name}" has no strategy "${strategy}"; it has ${strategies.join(", ")}.`);
  return strategy;
}

/** A processor is host code: it has no root and no metal. */
export function checkCpu(cpu: CpuLayer): void {
  if (cpu.kind !== "cpu") refuse(`${subject(cpu)} and cannot stand in for the cpu.`);
  if (!isText(cpu.name) || !isText(cpu.version) || typeof cpu.create !== "function")
    refuse("The cpu layer's descriptor does not say its name, version and how it is created.");
}
