import { buildRamdisk } from "@mercury/guest-os";

/** Where init looks for a command to run in place of the shell: its arguments, each ended by a zero byte. */
const commandFile = "/etc/run";

/** A RAM disk to lay over the system's own, by which init runs one command and ends the machine with its status. */
export function commandArchive(command: readonly string[]): Uint8Array {
  const contents = new TextEncoder().encode(command.map((argument) => `${argument}\0`).join(""));
  return buildRamdisk([], [{ path: commandFile, mode: 0o644, contents }]);
}
