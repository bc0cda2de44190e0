import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { possible } from "@mercury/vitest/possible";
import type { Debugger } from "../src/debug/debugger.ts";
import { GdbSession } from "../src/gdb/session.ts";

/** Whether there is a gdb. */
export function gdbIsThere(): boolean {
  return possible("tests with gdb", spawnSync("gdb", ["--version"]).status === 0 ? null : "gdb is not installed (Debian package gdb)");
}

/** Instructions between two looks at the line. */
const slice = 200_000;

/** Serves one connection, running the machine whenever gdb lets it go. */
async function attend(socket: Socket, target: Debugger): Promise<void> {
  const session = new GdbSession(target, (bytes) => socket.write(bytes));
  let closed = false;
  socket.on("data", (bytes) => session.receive(bytes));
  socket.on("close", () => (closed = true));
  while (!closed && session.over === undefined) {
    if (session.running) session.work(slice);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
}

async function listen(target: Debugger): Promise<Server> {
  const server = createServer((socket) => void attend(socket, target));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** What a real gdb prints when it is given commands, the first of which has connected it to a machine. */
export async function gdb(target: Debugger, commands: readonly string[]): Promise<string> {
  const server = await listen(target);
  // `listening` has been seen, so the address is that of a port.
  const { port } = server.address() as AddressInfo;
  const all = ["set confirm off", "set pagination off", "set tcp connect-timeout 20", `target remote 127.0.0.1:${port}`, ...commands];
  const child = spawn("gdb", ["--batch", "--nx", ...all.flatMap((command) => ["-ex", command])], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  server.close();
  return output;
}
