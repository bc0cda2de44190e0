import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { possible } from "@mercury/vitest/possible";
import { expect, test } from "vitest";
import { mercury } from "./mercury.ts";

const missing = spawnSync("gdb", ["--version"]).status === 0 ? null : "gdb is not installed (Debian package gdb)";

/** A TCP port that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // `listening` has been seen, so the address is that of a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function gdb(args: readonly string[]): Promise<string> {
  const child = spawn("gdb", ["--batch", "--nx", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  await once(child, "close");
  return output;
}

test.runIf(possible("the kernel under gdb", missing))(
  "gdb debugs the kernel by name, forwards and backwards, and the machine runs on when it leaves",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "mercury-gdb-"));
    try {
      const image = join(folder, "mercury.elf");
      expect(await mercury(["image", "--out", image])).toMatchObject({ code: 0 });
      const port = await freePort();
      const machine = mercury(["boot", "--icount", "--gdb", String(port), "--timeout", "300"], {
        input: "sleep 1; echo still here\npoweroff\n",
      });
      const commands = [
        "set confirm off",
        "set pagination off",
        "set tcp connect-timeout 60",
        `target remote 127.0.0.1:${port}`,
        "break kernelMain",
        "continue",
        "backtrace 1",
        "break '~lib/@mercury/guest-os/metal/kernel/sched/tick/timerInterrupt'",
        "continue",
        "continue",
        'printf "cpl %d\\n", $cpl',
        "reverse-continue",
        "reverse-continue",
        "backtrace 1",
        "delete",
        "detach",
      ];
      const output = await gdb([...commands.flatMap((command) => ["-ex", command]), image]);
      const frames = [...output.matchAll(/^#0 .* in (\w+)|^#0 +(\w+)/gm)].map((match) => match[1] ?? match[2]);
      expect(frames, output).toEqual(["kernelMain", "kernelMain"]);
      expect(output).toContain("cpl 0");
      const { code, stdout } = await machine;
      expect(stdout).toContain("still here");
      expect(code).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
