import { beforeEach, describe, expect, test } from "vitest";
import { errno, switchSteps } from "@mercury/abi";
import { Kernel } from "../../../../src/testing/kernel.ts";

const SHARED_PAGE = 0xb020_0000;

let kernel: Kernel;
beforeEach(async () => {
  kernel = await Kernel.start();
  expect(kernel.call("sysMount", "proc", "/proc", "proc", 0, 0)).toBe(0);
});

describe("/proc", () => {
  test("is mounted where it was asked for, once, and shows itself", () => {
    expect(kernel.call("sysMount", "proc", "/proc", "proc", 0, 0)).toBe(-errno.EBUSY);
    expect(kernel.call("sysMount", "x", "/dev/null", "proc", 0, 0)).toBe(-errno.ENOTDIR);
    expect(kernel.call("sysMount", "x", "/tmp", "ext4", 0, 0)).toBe(-errno.ENODEV);
    expect(kernel.call("sysMount", "x", "/tmp", "tmpfs", 0, 0)).toBe(0);
    expect(kernel.contents("/proc/mounts")).toBe("rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n");
    expect(kernel.call("sysRmdir", "/proc")).toBe(-errno.EBUSY);
    expect(kernel.list("/proc/..")).toContain("proc");
  });

  test("names are linked and moved inside one file system only", () => {
    kernel.call("sysMount", "x", "/tmp", "tmpfs", 0, 0);
    kernel.call("sysCreat", "/tmp/a", 0o644);
    expect(kernel.call("sysRename", "/tmp/a", "/a")).toBe(-errno.EXDEV);
    expect(kernel.call("sysLink", "/tmp/a", "/a")).toBe(-errno.EXDEV);
    expect(kernel.call("sysLink", "/proc/uptime", "/a")).toBe(-errno.EXDEV);
    expect(kernel.call("sysRename", "/tmp", "/b")).toBe(-errno.EBUSY);
    expect(kernel.call("sysRename", "/tmp/a", "/tmp/b")).toBe(0);
    expect(kernel.list("/tmp")).toEqual([".", "..", "b"]);
  });

  test("lists files and processes; what it lists can be looked up under the same number", () => {
    const names = kernel.list("/proc");
    expect(names).toEqual(expect.arrayContaining(["self", "meminfo", "uptime", "loadavg", "stat", "version", "cpuinfo", "mounts", "mercury", "1"]));
    for (const name of names.slice(2)) expect(kernel.stat(`/proc/${name}`)).toMatchObject({ inode: expect.any(Number) as number });
    expect(kernel.stat("/proc/2")).toBe(-errno.ENOENT);
    expect(kernel.stat("/proc/01")).toBe(-errno.ENOENT);
  });

  test("self is the process, whose stat has the fields of proc(5)", () => {
    expect(kernel.readLink("/proc/self")).toBe("1");
    const fields = kernel.contents("/proc/self/stat").trimEnd().split(" ");
    expect(fields).toHaveLength(52);
    expect(fields.slice(0, 8)).toEqual(["1", "(test)", "R", "0", "1", "1", "0", "-1"]);
    expect(kernel.readLink("/proc/self/cwd")).toBe("/");
    expect(kernel.contents("/proc/self/status")).toMatch(/^Pid:\t1$/m);
  });

  test("fd has a link for each descriptor, to where its file is now", () => {
    const path = (fd: number): string | number => kernel.readLink(`/proc/self/fd/${fd}`);
    kernel.call("sysMkdir", "/tmp/d", 0o755);
    const file = kernel.call("sysOpen", "/tmp/d/f", 0o102, 0o644);
    const device = kernel.call("sysOpen", "/dev/null", 0, 0);
    // The descriptor that lists is one, too.
    expect(kernel.list("/proc/self/fd")).toEqual([".", "..", `${file}`, `${device}`, `${device + 1}`]);
    expect([path(file), path(device)]).toEqual(["/tmp/d/f", "/dev/null"]);
    expect(kernel.call("sysRename", "/tmp/d", "/tmp/e")).toBe(0);
    expect(kernel.call("sysRename", "/tmp/e/f", "/g")).toBe(0);
    expect(path(file)).toBe("/g");
    expect(kernel.call("sysLink", "/g", "/tmp/e/h")).toBe(0);
    expect(path(file)).toBe("/tmp/e/h");
    kernel.call("sysUnlink", "/tmp/e/h");
    expect(path(file)).toBe("(deleted)");
    kernel.call("sysClose", device);
    expect(path(device)).toBe(-errno.ENOENT);
    for (const name of [`0${file}`, "1024", "-1", "x"]) expect(kernel.readLink(`/proc/self/fd/${name}`)).toBe(-errno.ENOENT);
  });

  test("a link of fd tells how its file was opened, and leads to the file", () => {
    const file = kernel.call("sysOpen", "/tmp/f", 0o101, 0o644);
    kernel.write(file, "text");
    kernel.call("sysClose", file);
    const modes = [0, 1, 2].map((flags) => {
      const fd = kernel.call("sysOpen", "/tmp/f", flags, 0);
      return (kernel.stat(`/proc/self/fd/${fd}`) as { mode: number }).mode;
    });
    expect(modes).toEqual([0o120500, 0o120300, 0o120700]);
    expect(kernel.contents("/proc/self/fd/0")).toBe("text");
  });

  test("takes no new names, and gives every frame back", () => {
    kernel.list("/proc/1");
    kernel.contents("/proc/meminfo");
    const free = kernel.number("freeFrameCount");
    expect(kernel.call("sysOpen", "/proc/new", 0o102, 0o644)).toBe(-errno.EPERM);
    expect(kernel.call("sysUnlink", "/proc/meminfo")).toBe(-errno.EPERM);
    expect(kernel.call("sysMkdir", "/proc/1/x", 0o755)).toBe(-errno.EPERM);
    expect(kernel.call("sysOpen", "/proc/meminfo", 2, 0)).toBe(-errno.EACCES);
    for (let turn = 0; turn < 300; turn++) {
      kernel.contents("/proc/meminfo");
      kernel.list("/proc/1");
      kernel.stat("/proc/mercury/mode");
    }
    expect(kernel.number("freeFrameCount")).toBe(free);
  });

  test("a reader sees one moment, however small its reads are", () => {
    const fd = kernel.call("sysOpen", "/proc/uptime", 0, 0);
    const first = kernel.read(fd, 3);
    kernel.time += 7_000_000_000n;
    expect(first + kernel.read(fd, 100)).toMatch(/^\d+\.\d\d 0\.00\n$/);
    kernel.call("sysLseek", fd, 0, 0);
    expect(kernel.read(fd, 3)).toBe(first);
  });
});

describe("/proc/mercury", () => {
  test("mode shows the mode and takes two words, handing the request to the switch", () => {
    expect(kernel.contents("/proc/mercury/mode")).toBe("native\n");
    const fd = kernel.call("sysOpen", "/proc/mercury/mode", 0o1001, 0);
    expect(kernel.write(fd, "virtual\n")).toBe(8);
    expect(kernel.requests).toEqual([1]);
    kernel.answer = -errno.EBUSY;
    expect(kernel.write(fd, "native")).toBe(-errno.EBUSY);
    expect(kernel.requests).toEqual([1, 0]);
    for (const word of ["nativ", "natives", "native\n\n", "1", "\n"]) expect(kernel.write(fd, word)).toBe(-errno.EINVAL);
    expect(kernel.requests).toEqual([1, 0]);
    kernel.poke(SHARED_PAGE + 12, Uint8Array.of(1, 0, 0, 0));
    expect(kernel.contents("/proc/mercury/mode")).toBe("virtual\n");
  });

  test("last renders the report, one key a line", () => {
    const report = SHARED_PAGE + 2048;
    const words = Uint32Array.from([2, 0xffff_ffff - 15, 8, 1, 3, 4, 5, 0, 600, 1, 700, 0, ...switchSteps.flatMap((_, index) => [index, 0])]);
    kernel.poke(report, new Uint8Array(words.buffer));
    const lines = [
      "direction: virtual->native",
      "result: failed",
      "reason: another domain is alive",
      "strategy: careful",
      "retries: 3",
      "cycles: 4294967896",
      "irqs_off_cycles: 700",
      "frames: 4",
      "tables: 5",
      ...switchSteps.map((name, index) => `step.${name}: ${index}`),
    ];
    expect(kernel.contents("/proc/mercury/last")).toBe(`${lines.join("\n")}\n`);
  });

  test("storm takes two numbers only", () => {
    const fd = kernel.call("sysOpen", "/proc/mercury/storm", 1, 0);
    for (const text of ["5", "5 ", " 5 6", "5 x", "5 6 7", "0 1"]) expect(kernel.write(fd, text)).toBe(-errno.EINVAL);
    expect(kernel.contents("/proc/mercury/storm")).toMatch(/^state: idle\ndone: 0\n/);
  });

  test("fault points are a test image's alone", () => {
    expect(kernel.list("/proc/mercury")).not.toContain("inject");
  });
});
