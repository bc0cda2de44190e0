import { spawn } from "node:child_process";

/** What QEMU's PC boots, and with how much memory in MB and which `-drive` options. */
export interface Boot {
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  readonly memory: number;
  readonly drives: readonly string[];
}

/** What QEMU's PC prints on its first serial port until it is off; it is killed after so many seconds. */
export async function qemuConsole({ kernel, initrd, commandLine, memory, drives }: Boot, seconds: number): Promise<string> {
  const machine = ["-m", String(memory), "-nographic", "-monitor", "none", "-no-reboot", "-net", "none"];
  const boot = ["-kernel", kernel, "-initrd", initrd, "-append", commandLine];
  const child = spawn("qemu-system-i386", [...machine, ...boot, ...drives.flatMap((drive) => ["-drive", drive])], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: seconds * 1000,
  });
  let text = "";
  for await (const chunk of child.stdout.setEncoding("latin1")) text += String(chunk);
  return text;
}
