import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MachineError } from "../errors.ts";
import { type Ended, onPath, type Program, scratch, start } from "./host.ts";
import { Line } from "./line.ts";
import { Qmp } from "./qmp.ts";
import { refuseCpu, type Exit, type Runner, type Running, type RunRequest, type SerialPort } from "./runner.ts";

const program = "qemu-system-i386";

/** A machine under QEMU, which can be looked into from outside. */
export interface QemuRunning extends Running {
  /** Answer of QEMU's monitor to one command, for instance `info registers`. */
  readonly monitor: (command: string) => Promise<string>;
}

/** QEMU's PC with its software CPU (TCG), kernel and modules given on the command line. */
export interface QemuRunner extends Runner {
  readonly start: (request: RunRequest) => Promise<QemuRunning>;
}

/** Everything of one run: its files, lines and process. */
interface Session {
  readonly folder: string;
  readonly serial: readonly Line[];
  readonly control: Line;
  readonly qmp: Qmp;
}

function path(folder: string, name: string): string {
  return join(folder, name);
}

/** A module's list entry: QEMU takes a comma in a name doubled; our names have none. */
function moduleList(folder: string, modules: readonly Uint8Array[]): string[] {
  const files = modules.map((bytes, index) => {
    const file = path(folder, `module${index}`);
    writeFileSync(file, bytes);
    return file;
  });
  return files.length === 0 ? [] : ["-initrd", files.join(",")];
}

function args(folder: string, request: RunRequest): string[] {
  const socket = (name: string): string => `socket,id=${name},path=${path(folder, name)},server=off`;
  const ports = ["com1", "com2", "com3"].flatMap((name) => ["-chardev", socket(name), "-serial", `chardev:${name}`]);
  writeFileSync(path(folder, "image"), request.image);
  return [
    ["-machine", "pc", "-accel", "tcg", "-cpu", "qemu32", "-m", String(request.memory)],
    ["-nodefaults", "-display", "none", "-no-reboot", "-S"],
    ["-chardev", socket("control"), "-mon", "chardev=control,mode=control"],
    ports,
    ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x1"],
    ["-d", "cpu_reset", "-D", path(folder, "log")],
    ["-kernel", path(folder, "image"), "-append", request.commandLine],
    moduleList(folder, request.modules),
  ].flat();
}

async function open(folder: string, request: RunRequest): Promise<Session> {
  const ports: readonly SerialPort[] = [0, 1, 2];
  const serial = await Promise.all(
    ports.map((port) => Line.listen((bytes) => request.onSerial(port, bytes), path(folder, `com${port + 1}`))),
  );
  const qmp: Qmp = new Qmp((text) => control.send(new TextEncoder().encode(text)));
  const control: Line = await Line.listen((bytes) => qmp.receive(bytes), path(folder, "control"));
  return { folder, serial, control, qmp };
}

/** Registers as QEMU logged them at the triple fault, or null when there was none. */
function tripleFault(folder: string): string | null {
  const log = path(folder, "log");
  if (!existsSync(log)) return null;
  const text = readFileSync(log, "utf8");
  const at = text.lastIndexOf("Triple fault");
  return at < 0 ? null : text.slice(at);
}

/** What QEMU's end means. isa-debug-exit ends QEMU with status 2n+1 and without an event (QEMU hw/misc/debugexit.c). */
function exitOf(session: Session, ended: Ended, stopped: boolean): Exit {
  const reason = session.qmp.shutdownReason;
  const fault = tripleFault(session.folder);
  if (fault !== null) return { kind: "triple-fault", state: fault };
  if (reason === "guest-shutdown") return { kind: "power-off" };
  if (reason === "guest-reset") return { kind: "reset" };
  if (stopped) return { kind: "stopped" };
  if (ended.status !== null && ended.status % 2 === 1) return { kind: "code", code: (ended.status - 1) / 2 };
  throw new MachineError("tool", `${program} ended unexpectedly with status ${String(ended.status)}`, ended.output);
}

/** Lets QEMU go on when it has connected; rejects when it ends before that, as it does with arguments it does not take. */
async function launch(session: Session, qemu: Program): Promise<void> {
  const early = qemu.ended.then((ended) => {
    throw new MachineError("tool", `${program} did not start the machine`, ended.output);
  });
  await Promise.race([Promise.all([session.control.connected, ...session.serial.map((line) => line.connected)]), early]);
  await session.qmp.execute("qmp_capabilities");
  // A guest that ends at once takes QEMU with it before the answer; its end is what counts then.
  session.qmp.execute("cont").catch(() => {});
}

async function begin(request: RunRequest): Promise<QemuRunning> {
  refuseCpu(request, "QEMU");
  const { path: folder, remove } = scratch();
  const session = await open(folder, request);
  const qemu = start(program, args(folder, request));
  const release = (): void => {
    session.qmp.end();
    for (const line of [session.control, ...session.serial]) line.close();
    remove();
  };
  try {
    await launch(session, qemu);
  } catch (error) {
    qemu.process.kill("SIGKILL");
    release();
    throw error;
  }
  let stopped = false;
  const end = async (): Promise<Exit> => {
    const ended = await qemu.ended;
    await Promise.all([session.control, ...session.serial].map((line) => line.drained()));
    return exitOf(session, ended, stopped);
  };
  const done = end().finally(release);
  return {
    send: (bytes) => session.serial[0]?.send(bytes),
    stop: () => {
      stopped = true;
      qemu.process.kill("SIGKILL");
    },
    // The monitor answers with text (QMP reference, human-monitor-command).
    monitor: async (command) => String(await session.qmp.execute("human-monitor-command", { "command-line": command })),
    done,
  };
}

/** QEMU with its PC of the same chips (`-M pc`, one CPU, TCG), driven by QMP. */
export const qemu: QemuRunner = {
  name: "qemu",
  missing: () => (onPath(program) ? null : `${program} is not installed (Debian package qemu-system-x86)`),
  start: begin,
};
