import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Why there is no gdb here; null when there is. */
export const gdbMissing: string | null = spawnSync("gdb", ["--version"]).status === 0 ? null : "gdb is not installed (Debian package gdb)";

/** A TCP port that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // `listening` has been seen, so the address is that of a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** What gdb says to a command line. */
export async function gdb(args: readonly string[]): Promise<string> {
  const child = spawn("gdb", ["--batch", "--nx", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  return output;
}
