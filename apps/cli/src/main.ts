import { Command, CommanderError } from "commander";
import { boot } from "./commands/boot.ts";
import { image } from "./commands/image.ts";
import { layers } from "./commands/layers.ts";
import { run } from "./commands/run.ts";
import { asCliError, notBuilt } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { helpAfter } from "./help.ts";
import { addBootOptions, addImageOptions, addLayerOptions, type BootOptions, type ImageOptions, type LayerOptions } from "./options.ts";
import { print } from "./output.ts";
import { version } from "./version.ts";

/** The command line: where its commands leave their exit code, and where help goes. */
function build(leave: (code: number) => void, writeOut: (text: string) => void): Command {
  const program = new Command("mercury")
    .description("Boots, runs and builds Mercury systems.")
    .version(version)
    .addHelpText("after", helpAfter.program);
  program.exitOverride().configureOutput({ writeOut, writeErr: () => {} });
  addBootOptions(program.command("boot"))
    .description("boot a machine; its first serial port is on stdin and stdout, Ctrl-A X ends it")
    .addHelpText("after", helpAfter.boot)
    .action(async (options: BootOptions) => leave(await boot(options)));
  addBootOptions(program.command("run"))
    .description("boot, run one command in the guest, end with its status")
    .argument("<command...>", "the command and its arguments, after --")
    .addHelpText("after", helpAfter.run)
    .action(async (command: string[], options: BootOptions) => leave(await run(command, options)));
  addImageOptions(program.command("image"))
    .description("write a bootable image")
    .addHelpText("after", helpAfter.image)
    .action(async (options: ImageOptions) => leave(await image(options)));
  addLayerOptions(program.command("layers"))
    .description("say which layers the machine is made of")
    .action(async (options: LayerOptions) => leave(await layers(options)));
  for (const name of ["bench", "rootfs"]) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw notBuilt(`mercury ${name}`);
      });
  }
  return program;
}

/** One line first, then what explains it. */
function report(message: string, detail: string | undefined): void {
  process.stderr.write(`mercury: ${message}\n`);
  if (detail) process.stderr.write(`${detail.trimEnd()}\n`);
}

/** Runs one command line (without node and script) and answers its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Where standard error cannot be written there is nobody to tell; the exit code still says it.
  process.stderr.on("error", () => {});
  try {
    return await perform(argv);
  } catch (error) {
    const { message, detail, exitCode } = asCliError(error);
    report(message, detail);
    return exitCode;
  }
}

async function perform(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.ok;
  let help = "";
  const program = build(
    (left) => (code = left),
    (text) => (help += text),
  );
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) return usage(program, error);
    await print(help);
    return exitCodes.ok;
  }
}

/** Bad usage, as commander finds it. */
function usage(program: Command, error: CommanderError): number {
  if (error.code === "commander.help") {
    report("which command? There are boot, run, image and layers.", program.helpInformation());
    return exitCodes.usage;
  }
  report(error.message.replace(/^error: /, ""), undefined);
  return exitCodes.usage;
}
