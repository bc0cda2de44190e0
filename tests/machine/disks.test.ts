import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDiskFile } from "@mercury/x86/node";
import { possible } from "@mercury/vitest/possible";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { freePort, gdb, gdbMissing } from "./gdb.ts";
import { mercury, start } from "./mercury.ts";
import { diskWriter, writtenSectors } from "./programs/disk-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "mercury-disks-"));
const file = (name: string): string => join(folder, name);
const blank = new Uint8Array(512 * writtenSectors);
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(file(name));
  writeFileSync(file("kernel"), diskWriter());
  writeFileSync(file("image"), blank);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Arguments that boot the program; the limit is for one that hangs. */
const boot = (...rest: readonly string[]): string[] => ["boot", "--timeout", "300", "--kernel", file("kernel"), ...rest];

/** The command at work, after the guest has written its first sectors. */
async function started(args: readonly string[]): Promise<ReturnType<typeof start>> {
  const child = start(args);
  await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  expect(child.exitCode).toBe(null);
  child.stdout.resume();
  return child;
}

const locks = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".lock"));

/** What a disk holds, with its overlay when it has one. */
function contents(image: string, overlay?: string): Buffer {
  const disk = openDiskFile({
    file: file(image),
    readOnly: overlay === undefined,
    ...(overlay !== undefined && { overlay: file(overlay) }),
  });
  const bytes = Buffer.alloc(disk.sectors * 512);
  disk.read(0, bytes);
  disk.close();
  return bytes;
}

test("a signal ends the machine with everything that the guest wrote", async () => {
  const child = await started(boot("--disk", `${file("image")},overlay=${file("overlay")}`));
  const closed = once(child, "close");
  child.kill("SIGTERM");
  expect(await closed).toEqual([null, "SIGTERM"]);
  expect(contents("image", "overlay").readUInt16LE(512)).toBeGreaterThan(0);
  expect(contents("image").equals(blank)).toBe(true);
  expect(locks()).toEqual([]);
});

test("a disk in use is refused to a second machine, until the first is killed", async () => {
  const child = await started(boot("--disk", file("image")));
  const second = await mercury(boot("--disk", file("image")));
  expect([second.code, second.stdout]).toEqual([3, ""]);
  expect(second.stderr).toContain(`${file("image")}: process ${child.pid} is writing it as a disk`);
  expect((await mercury(boot("--disk", `${file("image")},overlay=${file("overlay")}`))).code).toBe(3);
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
  expect(await mercury(boot("--stop-after", "100000", "--disk", file("image")))).toMatchObject({ code: 0, stderr: "" });
  expect(locks()).toEqual([]);
});

describe("a machine with disks that is saved in the midst of a transfer", () => {
  const direct = (): string[] => ["--disk", file("image")];
  const overlaid = (): string[] => ["--disk", `${file("image")},overlay=${file("overlay")}`];
  const statistics = (name: string): unknown => JSON.parse(readFileSync(file(name), "utf8"));
  /** No multiple of what a sector takes: the drive has a part of one. */
  const [half, rest] = [1_234_567, 2_000_001];

  test.each([
    ["written directly", direct],
    ["under an overlay", overlaid],
  ])("goes on to the bit in another process: %s", async (_, disk) => {
    const overlay = disk === overlaid ? "overlay" : undefined;
    const run = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await mercury(args);
      expect([code, stderr]).toEqual([0, ""]);
      return stdout;
    };
    const stop = (count: number, stats: string): string[] => ["--stop-after", String(count), "--stats", file(stats)];
    const whole = await run(...boot("--icount", ...stop(half + rest, "whole"), ...disk()));
    const expected = contents("image", overlay);
    expect(expected.readUInt16LE(512 * 5)).toBe(5);

    writeFileSync(file("image"), blank);
    rmSync(file("overlay"), { force: true });
    const first = await run(...boot("--icount", ...stop(half, "first"), "--save", file("saved"), ...disk()));
    expect(contents("image", overlay).equals(expected)).toBe(false);
    const second = await run("boot", "--restore", file("saved"), "--timeout", "300", ...stop(rest, "second"), ...disk());
    expect(first + second).toBe(whole);
    expect(statistics("second")).toEqual(statistics("whole"));
    expect(contents("image", overlay).equals(expected)).toBe(true);

    const without = await mercury(["boot", "--restore", file("saved")]);
    const none = "it is of a machine with 1 disk, and this one has 0 disks";
    expect([without.code, without.stderr]).toEqual([3, expect.stringContaining(none)]);
    const again = await mercury(["boot", "--restore", file("saved"), ...stop(rest, "third"), ...disk()]);
    const refused = `${file("saved")}: snapshot: disk 1 (${file("image")}) is another one, or has changed since the machine was saved`;
    if (overlay === undefined) expect([again.code, again.stderr]).toEqual([3, expect.stringContaining(refused)]);
    else expect([again.code, again.stdout, statistics("third")]).toEqual([0, second, statistics("whole")]);
  });
});

test.runIf(possible("disks under gdb", gdbMissing))("gdb goes back, and the file with it", async () => {
  const position = 1_000_000;
  await mercury(boot("--icount", "--stop-after", String(position), "--disk", file("image")));
  const then = contents("image");
  writeFileSync(file("image"), blank);
  const port = await freePort();
  const machine = mercury(boot("--icount", "--gdb", String(port), "--disk", file("image")));
  const commands = [
    "set confirm off",
    "set tcp connect-timeout 60",
    // Else it repeats what a busy host has not answered in 2 seconds.
    "set remotetimeout 300",
    "set architecture i386",
    `target remote 127.0.0.1:${port}`,
    // Its first instruction comes once, the one after that for every sector.
    "hbreak *($pc + 2)",
    "ignore 1 30",
    "continue",
    `monitor goto ${position}`,
    "monitor position",
    "kill",
  ];
  const output = await gdb(commands.flatMap((words) => ["-ex", words]));
  expect(output).toContain(`${position} instructions, `);
  expect((await machine).code).toBe(0);
  expect(contents("image").equals(then)).toBe(true);
});
