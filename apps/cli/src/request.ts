import { gunzipSync } from "node:zlib";
import { bootRequest, checkCpio, type FileFault, MachineError, type RunRequest, snapshotOf } from "@mercury/machine";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";
import { readInput } from "./files.ts";
import { chooseMachine, choosePc } from "./layers.ts";
import type { BootOptions } from "./options.ts";

/** What a machine is started with, before anyone listens to it. */
export type Load = Omit<RunRequest, "onSerial"> & {
  /** A machine to go on from, instead of booting the image. */
  readonly snapshot?: { readonly file: Uint8Array; readonly icount: boolean };
};

const defaultMemory = 256;

function refuseFault(file: string, fault: FileFault | null): void {
  if (fault !== null) throw new CliError(exitCodes.file, `${file}: at offset ${fault.offset}: ${fault.reason}`);
}

async function foreignKernel(options: BootOptions, kernel: string): Promise<Load> {
  const image = readInput(kernel);
  const modules = (options.initrd ?? []).map(readInput);
  const { cpu, memory = defaultMemory } = await choosePc(options.config, ["cpu", "memory"], "--kernel brings the system itself");
  return { image, modules, commandLine: options.append ?? "", memory: options.memory ?? memory, ...(cpu !== undefined && { cpu }) };
}

/** Reads a RAM disk, packed or not. */
function readRootfs(file: string): Uint8Array {
  const bytes = readInput(file);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b; // RFC 1952, 2.3.1: ID1, ID2
  const archive = packed ? unpack(file, bytes) : bytes;
  refuseFault(packed ? `${file} (unpacked)` : file, checkCpio(archive));
  return archive;
}

function unpack(file: string, bytes: Uint8Array): Uint8Array {
  try {
    return new Uint8Array(gunzipSync(bytes));
  } catch (error) {
    throw new CliError(exitCodes.file, `${file}: not a whole gzip file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A saved machine, which knows itself what it is. */
async function savedMachine(name: string, options: BootOptions): Promise<Load> {
  const file = readInput(name);
  const pc = await choosePc(options.config, ["cpu"], "--restore takes all but the processor from the snapshot");
  try {
    const { memory, icount } = snapshotOf(file);
    return { image: new Uint8Array(0), modules: [], commandLine: "", memory, ...pc, snapshot: { file, icount } };
  } catch (error) {
    if (error instanceof MachineError) throw new CliError(exitCodes.file, `${name}: ${error.message}`);
    throw error;
  }
}

/** What the options of `boot` and `run` ask for. `extra` are RAM disks laid over the others. */
export async function prepare(options: BootOptions, extra: readonly Uint8Array[] = []): Promise<Load> {
  if (options.restore !== undefined) return savedMachine(options.restore, options);
  if (options.kernel !== undefined) return foreignKernel(options, options.kernel);
  const rootfs = options.rootfs === undefined ? [] : [readRootfs(options.rootfs)];
  const machine = await chooseMachine(options);
  const request = await bootRequest(machine);
  const commandLine = [request.commandLine, options.append ?? ""].filter((part) => part !== "").join(" ");
  return { ...request, commandLine, modules: [...rootfs, ...extra] };
}
