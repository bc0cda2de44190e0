import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { possible } from "@mercury/vitest/possible";
import { expect, test } from "vitest";
import { freePort, gdb, gdbMissing } from "./gdb.ts";
import { mercury } from "./mercury.ts";

test.runIf(possible("the kernel under gdb", gdbMissing))(
  "gdb debugs the kernel by name, forwards and backwards, and the machine runs on when it leaves",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "mercury-gdb-"));
    try {
      const image = join(folder, "mercury.elf");
      expect(await mercury(["image", "--out", image])).toMatchObject({ code: 0 });
      const port = await freePort();
      const machine = mercury(["boot", "--icount", "--gdb", String(port), "--timeout", "1200"], {
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
