import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MachineError } from "../errors.ts";
import { isoToolsMissing, makeIso } from "../iso.ts";
import { type Ended, onPath, scratch, start } from "./host.ts";
import { Line } from "./line.ts";
import { refuseCpu, type Exit, type Runner, type Running, type RunRequest, type SerialPort } from "./runner.ts";

const program = "bochs";

/** Where Debian's packages bochsbios and vgabios put what a Bochs machine needs. */
const bios = "/usr/share/bochs/BIOS-bochs-latest";
const vgaBios = "/usr/share/bochs/VGABIOS-lgpl-latest";

function missing(): string | null {
  if (!onPath(program)) return `${program} is not installed (Debian package bochs)`;
  if (!existsSync(bios) || !existsSync(vgaBios)) return "the BIOS of Bochs is not installed (Debian packages bochsbios and vgabios)";
  return isoToolsMissing();
}

/**
 * The machine, in Bochs' own words (Bochs user manual, 4.3). Serial ports connect to our sockets; guest time follows
 * executed instructions (`sync=none`), so a run does not depend on the load of the host. The display is a remote frame
 * buffer that waits for nobody, as Bochs has none that does nothing.
 */
function configuration(folder: string, memory: number, serial: readonly Line[]): string {
  return [
    `megs: ${memory}`,
    "cpu: model=core_duo_t2400_yonah, count=1, ips=100000000, reset_on_triple_fault=0",
    "clock: sync=none, time0=1700000000",
    'display_library: rfb, options="timeout=0"',
    `romimage: file=${bios}`,
    `vgaromimage: file=${vgaBios}`,
    `ata0-master: type=cdrom, path=${join(folder, "cd.iso")}, status=inserted`,
    "boot: cdrom",
    ...serial.map((line, index) => `com${index + 1}: enabled=1, mode=socket-client, dev="127.0.0.1:${line.port}"`),
    `log: ${join(folder, "log")}`,
    "speaker: enabled=0",
    "sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy",
    "panic: action=fatal",
    "",
  ].join("\n");
}

/** What Bochs' end means. It ends itself by a panic, also when the guest switches the power off. */
function exitOf(log: string, ended: Ended, stopped: boolean): Exit {
  if (/ACPI soft power off|[Ss]hutdown requested/.test(log)) return { kind: "power-off" };
  if (log.includes("Reset(SOFTWARE)")) return { kind: "reset" };
  const fault = log.search(/exception\(\): 3rd \(\d+\) exception with no resolution/);
  if (fault >= 0) return { kind: "triple-fault", state: log.slice(fault) };
  if (stopped) return { kind: "stopped" };
  throw new MachineError("tool", `${program} ended unexpectedly with status ${String(ended.status)}`, `${ended.output}\n${log}`);
}

async function begin(request: RunRequest): Promise<Running> {
  refuseCpu(request, "Bochs");
  const lack = missing();
  if (lack !== null) throw new MachineError("tool", lack);
  const { path: folder, remove } = scratch();
  writeFileSync(join(folder, "cd.iso"), await makeIso(request));
  const ports: readonly SerialPort[] = [0, 1, 2];
  const serial = await Promise.all(ports.map((port) => Line.listen((bytes) => request.onSerial(port, bytes))));
  writeFileSync(join(folder, "bochsrc"), configuration(folder, request.memory, serial));
  // Debian's Bochs stops in its debugger first: `c` lets it go on.
  writeFileSync(join(folder, "commands"), "c\n");
  const bochs = start(program, ["-q", "-f", join(folder, "bochsrc"), "-rc", join(folder, "commands")]);
  let stopped = false;
  const end = async (): Promise<Exit> => {
    const ended = await bochs.ended;
    await Promise.all(serial.map((line) => line.drained()));
    const log = join(folder, "log");
    return exitOf(existsSync(log) ? readFileSync(log, "utf8") : "", ended, stopped);
  };
  const done = end().finally(() => {
    for (const line of serial) line.close();
    remove();
  });
  return {
    send: (bytes) => serial[0]?.send(bytes),
    stop: () => {
      stopped = true;
      bochs.process.kill("SIGKILL");
    },
    done,
  };
}

/**
 * Bochs, started from a CD image through GRUB. It has no isa-debug-exit, so a guest that asks for an exit code ends
 * with `power-off` there, when it switches the power off next; and it starts a guest that asks for a reset again.
 */
export const bochs: Runner = { name: "bochs", missing, start: begin };
