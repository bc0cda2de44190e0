import { buildImage, imageReport, kernelCommandLine, makeIso } from "@mercury/machine";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { checkOutput, writeOutput } from "../files.ts";
import { chooseMachine } from "../layers.ts";
import type { ImageOptions } from "../options.ts";
import { print } from "../output.ts";

/** `mercury image`: writes what QEMU (`-kernel`, `-cdrom`), Bochs or a PC can start, or says what its check finds. */
export async function image(options: ImageOptions): Promise<number> {
  if (options.out === undefined && options.check !== true) throw new CliError(exitCodes.usage, "image needs --out FILE, or --check");
  if (options.out !== undefined) checkOutput(options.out);
  const machine = await chooseMachine(options);
  if (options.check === true) await print(await imageReport(machine));
  if (options.out === undefined) return exitCodes.ok;
  const elf = await buildImage(machine);
  const commandLine = [kernelCommandLine(machine), options.append ?? ""].join(" ").trim();
  writeOutput(options.out, options.format === "iso" ? await makeIso({ image: elf, modules: [], commandLine }) : elf);
  return exitCodes.ok;
}
