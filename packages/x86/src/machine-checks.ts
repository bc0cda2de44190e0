import { feature } from "./cpu/system/feature.ts";
import { MachineError } from "./errors.ts";
import type { LinuxBoot, MachineOptions, Multiboot } from "./machine-api.ts";

const mega = 0x10_0000;
/** The range of dates that ECMAScript has, in milliseconds (ECMA-262 21.4.1.1). */
const farthestDate = 8.64e15;

function refuse(what: string): never {
  throw new MachineError("configuration", what);
}

/** Refuses options that no machine can have, for callers that no compiler has checked. */
export function checkOptions({ memory, epoch = 0, hide = [] }: MachineOptions): void {
  if (!Number.isInteger(memory / mega) || memory < mega || memory > 2048 * mega)
    refuse(`memory of ${memory} bytes: whole megabytes from 1 to 2048 are possible`);
  if (!(Math.abs(epoch) <= farthestDate)) refuse(`epoch of ${epoch}: milliseconds since 1970 are wanted, as Date.now() gives them`);
  for (const name of hide)
    if (!Object.hasOwn(feature, name)) refuse(`hide: there is no feature ${name}; there are ${Object.keys(feature).join(", ")}`);
}

function checkBytes(value: unknown, what: string): void {
  // Not `instanceof`: the array may be of another realm, of a frame say.
  if (!ArrayBuffer.isView(value)) refuse(`load: ${what} should be the bytes of a file (a Uint8Array), and is of type ${typeof value}`);
}

function checkList(value: unknown, what: string): void {
  if (!Array.isArray(value)) refuse(`load: ${what} should be a list, of one element too`);
}

/** Refuses what is no file's contents: a path, say, or a single RAM disk instead of a list. */
export function checkBoot(boot: Multiboot | LinuxBoot): void {
  if ("kernel" in boot) {
    const { kernel, initrd = [] } = boot;
    checkBytes(kernel, "kernel");
    checkList(initrd, "initrd");
    for (const [index, disk] of initrd.entries()) checkBytes(disk, `initrd[${index}]`);
    return;
  }
  const { image, modules = [] } = boot;
  checkBytes(image, "image");
  checkList(modules, "modules");
  for (const [index, { contents }] of modules.entries()) checkBytes(contents, `modules[${index}].contents`);
}
