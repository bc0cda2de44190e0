import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { memoryMap, metalContracts } from "@mercury/abi";
import { disassemble } from "@mercury/isa";
import { MetalBuildError } from "./asc/errors.ts";
import type { MetalBinding } from "./asc/resolve.ts";
import { type Assembler, createAssembler } from "./assembler/block.ts";
import { symbol } from "./assembler/memory.ts";
import { eax, ebx, esp } from "./assembler/registers.ts";
import { writeElf } from "./link/elf.ts";
import { LinkError, hex } from "./link/errors.ts";
import { linkImage } from "./link/image.ts";
import { type CompiledProgram, compileProgram } from "./program.ts";

const usage = `usage: metalc check FOLDER MODULE...                 compile and apply the rules of metal code
       metalc list FOLDER MODULE... [--function NAME]  the machine code, function by function
       metalc program FOLDER MODULE --out FILE         a Linux i386 program; MODULE exports main(stack: usize): i32
FOLDER is the package's root, MODULE an import specifier such as @mercury/vo/metal.
options: -O LEVEL (0 to 3, default 1)
         --handler NAME, --masked NAME (repeatable): functions that handle interrupts, and exports entered with interrupts off; with a
         handler named, variables shared with interrupts are checked
`;

/** Where metalc writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

class UsageError extends Error {}

interface Arguments {
  readonly folder: string;
  readonly modules: readonly string[];
  readonly optimise: 0 | 1 | 2 | 3;
  readonly function: string | undefined;
  readonly out: string | undefined;
  readonly handlers: readonly string[];
  readonly masked: readonly string[];
}

type Command = (options: Arguments, output: Output) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  check: async (options, { out }) => {
    const { files } = await compile(options, memoryMap.kernelDataBase, true);
    out(`ok: ${files.length} files\n`);
  },
  list: async (options, { out }) => {
    const { program } = await compile(options, memoryMap.kernelDataBase, true);
    const { functions } = program.object;
    const chosen = options.function === undefined ? functions : functions.filter(({ name }) => name === options.function);
    if (chosen.length === 0 && options.function !== undefined)
      throw new UsageError(`there is no function "${options.function}" in the machine code`);
    for (const { name, code, instructionsEnd } of chosen) {
      out(`${name}:\n${listing(code.subarray(0, instructionsEnd))}\n`);
    }
  },
  program: async (options) => {
    if (options.out === undefined) throw new UsageError("program needs --out FILE");
    const { program } = await compile(options, memoryMap.userDataBase, false);
    const a = createAssembler();
    programStart(a);
    const image = linkImage({
      name: options.out,
      program,
      stubs: a.finish(),
      textBase: memoryMap.userImageBase,
      dataBase: memoryMap.userDataBase,
      limit: memoryMap.userEnd,
      loadOffset: 0,
      entry: "start",
      siteTable: false,
      blobs: [],
    });
    writeFileSync(options.out, writeElf(image), { mode: 0o755 });
  },
};

/** Linux i386 system call exit (guest-abi: number 1). */
const exitCall = 1;

function programStart(a: Assembler): void {
  a.procedure("start");
  a.call(symbol("image.start"));
  a.mov(eax, esp);
  a.call(symbol("main"));
  a.mov(ebx, eax);
  a.mov(eax, exitCall);
  a.int(0x80);
}

function compile(
  { folder, modules, optimise, handlers, masked }: Arguments,
  memoryBase: number,
  patchable: boolean,
): Promise<CompiledProgram> {
  const imported: MetalBinding = { kind: "import" };
  const bindings = patchable ? Object.fromEntries(Object.keys(metalContracts).map((name) => [name, imported])) : {};
  return compileProgram({
    roots: [resolve(folder)],
    entries: modules,
    bindings,
    memoryBase,
    optimise,
    patchable,
    ...(handlers.length > 0 && { interrupts: { handlers, masked } }),
  });
}

function listing(code: Uint8Array): string {
  let text = "";
  for (let at = 0; at < code.length;) {
    const instruction = disassemble(code, at, 32, at, "intel");
    const bytes = Buffer.from(code.subarray(at, at + instruction.length)).toString("hex");
    text += `  ${hex(at).slice(-4)}  ${bytes.padEnd(22)} ${instruction.text}\n`;
    at += instruction.length;
  }
  return text;
}

/** What the command line says; null when it asks how to say it. */
function parse(argv: readonly string[]): { command: Command; options: Arguments } | null {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      O: { type: "string", short: "O", default: "1" },
      function: { type: "string" },
      out: { type: "string" },
      handler: { type: "string", multiple: true, default: [] },
      masked: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return null;
  const [name = "", folder, ...modules] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UsageError(name === "" ? "a command is missing" : `there is no command "${name}"`);
  if (folder === undefined || modules.length === 0) throw new UsageError(`${name} needs a folder and a module`);
  const optimise = ([0, 1, 2, 3] as const).find((level) => String(level) === values.O);
  if (optimise === undefined) throw new UsageError(`-O takes 0, 1, 2 or 3, not "${values.O}"`);
  return {
    command,
    options: { folder, modules, optimise, function: values.function, out: values.out, handlers: values.handler, masked: values.masked },
  };
}

/** Says what went wrong, in a line first; the exit code. */
function report(thrown: unknown, { error }: Output): number {
  if (thrown instanceof UsageError || (thrown instanceof TypeError && "code" in thrown)) {
    error(`metalc: ${thrown.message}\n${usage}`);
    return 2;
  }
  if (thrown instanceof MetalBuildError || thrown instanceof LinkError) {
    error(`${thrown.message}\n`);
    return 1;
  }
  if (thrown instanceof Error && "syscall" in thrown) {
    // "ENOENT: no such file or directory, open 'name'"
    error(`metalc: ${thrown.message.replace(/^[A-Z0-9_]+: (.*), \w+ '(.*)'$/, "$2: $1")}\n`);
    return 3;
  }
  throw thrown;
}

/**
 * The command line of metalc.
 * @returns the exit code: 0 done, 1 the code is refused, 2 bad usage, 3 a file cannot be read or written
 */
export async function metalc(argv: readonly string[], output: Output): Promise<number> {
  try {
    const parsed = parse(argv);
    if (parsed === null) output.out(usage);
    else await parsed.command(parsed.options, output);
    return 0;
  } catch (error) {
    return report(error, output);
  }
}
