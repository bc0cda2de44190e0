import { buildImage, kernelCommandLine, makeIso } from "@mercury/machine";
import { exitCodes } from "../exit-codes.ts";
import { writeOutput } from "../files.ts";
import { chooseMachine } from "../layers.ts";
import type { ImageOptions } from "../options.ts";

/** `mercury image`: writes what QEMU (`-kernel`, `-cdrom`), Bochs or a PC can start. */
export async function image(options: ImageOptions): Promise<number> {
  const machine = await chooseMachine(options);
  const elf = await buildImage(machine);
  const commandLine = [kernelCommandLine(machine), options.append ?? ""].join(" ").trim();
  writeOutput(options.out, options.format === "iso" ? await makeIso({ image: elf, modules: [], commandLine }) : elf);
  return exitCodes.ok;
}
