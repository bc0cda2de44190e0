import { beforeEach, describe, expect, test } from "vitest";
import { errno } from "@mercury/abi";
import { Kernel } from "../../../src/testing/kernel.ts";

const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const O_DIRECTORY = 0o200000;
const O_NOFOLLOW = 0o400000;
const O_RDWR = 2;
const O_WRONLY = 1;

let kernel: Kernel;
beforeEach(async () => {
  kernel = await Kernel.start();
});

function create(path: string, text = ""): void {
  const fd = kernel.call("sysOpen", path, O_CREAT | O_WRONLY | O_TRUNC, 0o666);
  expect(fd).toBeGreaterThanOrEqual(0);
  expect(kernel.write(fd, text)).toBe(text.length);
  kernel.call("sysClose", fd);
}

describe("files", () => {
  test("keep what is written, across pages and positions", () => {
    const text = "0123456789".repeat(1000);
    create("/a", text);
    expect(kernel.contents("/a")).toBe(text);
    const fd = kernel.call("sysOpen", "/a", O_RDWR, 0);
    expect(kernel.call("sysLseek", fd, 4090, 0)).toBe(4090);
    kernel.write(fd, "across the edge");
    expect(kernel.contents("/a")).toBe(`${text.slice(0, 4090)}across the edge${text.slice(4105)}`);
  });

  test("a new mode is cut by the mask", () => {
    create("/a");
    expect(kernel.stat("/a")).toMatchObject({ mode: 0o100644, links: 1, size: 0 });
  });

  test("O_EXCL refuses what exists, O_TRUNC empties, O_APPEND writes at the end", () => {
    create("/a", "one");
    expect(kernel.call("sysOpen", "/a", O_CREAT | O_EXCL | O_RDWR, 0o666)).toBe(-errno.EEXIST);
    const fd = kernel.call("sysOpen", "/a", O_RDWR | O_APPEND, 0);
    kernel.write(fd, "two");
    expect(kernel.contents("/a")).toBe("onetwo");
    kernel.call("sysOpen", "/a", O_WRONLY | O_TRUNC, 0);
    expect(kernel.contents("/a")).toBe("");
  });

  test("holes read as zeros and take no pages; a file cut and grown shows no old bytes", () => {
    const fd = kernel.call("sysOpen", "/hole", O_CREAT | O_RDWR, 0o666);
    expect(kernel.call("sysLseek", fd, 0x50_0000, 0)).toBe(0x50_0000);
    kernel.write(fd, "end");
    expect(kernel.stat("/hole")).toMatchObject({ size: 0x50_0003, blocks: 8 });
    kernel.call("sysLseek", fd, 0x4f_fffe, 0);
    expect(kernel.read(fd, 10)).toBe("\0\0end");
    kernel.call("sysFtruncate", fd, 0x50_0001);
    kernel.call("sysFtruncate", fd, 0x50_0003);
    kernel.call("sysLseek", fd, 0x50_0000, 0);
    expect(kernel.read(fd, 10)).toBe("e\0\0");
    kernel.call("sysFtruncate", fd, 0);
    expect(kernel.stat("/hole")).toMatchObject({ size: 0, blocks: 0 });
  });

  test("give every frame back when the last name and descriptor are gone", () => {
    create("/warm", "x");
    const free = kernel.number("freeFrameCount");
    const pages = kernel.number("filePageCount");
    const fd = kernel.call("sysOpen", "/big", O_CREAT | O_RDWR, 0o666);
    for (let index = 0; index < 40; index++) {
      kernel.call("sysLseek", fd, index * 0x10_0000, 0);
      kernel.write(fd, "x");
    }
    kernel.call("sysUnlink", "/big");
    kernel.call("sysLseek", fd, 0x10_0000, 0);
    expect(kernel.read(fd, 1)).toBe("x");
    kernel.call("sysClose", fd);
    expect(kernel.number("filePageCount")).toBe(pages);
    expect(kernel.number("freeFrameCount")).toBe(free);
  });

  test("no space: ENOSPC, what fitted stays, and space comes back", async () => {
    kernel = await Kernel.start({ filePages: 64 });
    const fd = kernel.call("sysOpen", "/full", O_CREAT | O_RDWR, 0o666);
    const block = "x".repeat(4096);
    let written = 0;
    for (;;) {
      const got = kernel.write(fd, block);
      if (got < 0) {
        expect(got).toBe(-errno.ENOSPC);
        break;
      }
      written += got;
    }
    expect(written).toBe(63 * 4096);
    expect(kernel.stat("/full")).toMatchObject({ size: written });
    kernel.call("sysUnlink", "/full");
    kernel.call("sysClose", fd);
    create("/after", block);
  });

  test("sizes beyond two gigabytes are refused, not wrapped", () => {
    const fd = kernel.call("sysOpen", "/a", O_CREAT | O_RDWR, 0o666);
    expect(kernel.call("sysLseek", fd, -1, 0)).toBe(-errno.EINVAL);
    expect(kernel.call("sysLlseek", fd, 1, 0, kernel.buffer(8), 0)).toBe(-errno.EINVAL);
    expect(kernel.call("sysLseek", fd, 0x7fff_ffff, 0)).toBe(0x7fff_ffff);
    expect(kernel.write(fd, "x")).toBe(-errno.EFBIG);
    expect(kernel.call("sysFtruncate64", fd, 0x8000_0000, 0)).toBe(-errno.EFBIG);
  });
});

describe("paths", () => {
  beforeEach(() => {
    kernel.call("sysMkdir", "/d", 0o777);
    kernel.call("sysMkdir", "/d/e", 0o777);
    create("/d/e/f", "deep");
  });

  test.each([
    ["/d/e/f", "deep"],
    ["//d///e//f", "deep"],
    ["/d/./e/../e/f", "deep"],
    ["/../../d/e/f", "deep"],
    ["d/e/f", "deep"],
  ])("%s names the file", (path, text) => {
    expect(kernel.contents(path)).toBe(text);
  });

  test.each([
    ["/d/e/f/", errno.ENOTDIR],
    ["/d/e/f/g", errno.ENOTDIR],
    ["/d/x", errno.ENOENT],
    ["/x/y", errno.ENOENT],
    ["", errno.ENOENT],
    [`/${"n".repeat(256)}`, errno.ENAMETOOLONG],
    ["/x".repeat(3000), errno.ENAMETOOLONG],
  ])("%j is refused", (path, error) => {
    expect(kernel.call("sysOpen", path, 0, 0)).toBe(-error);
  });

  test("symbolic links are followed, relative to where they lie, up to forty", () => {
    kernel.call("sysSymlink", "e/f", "/d/l");
    kernel.call("sysSymlink", "/d", "/abs");
    kernel.call("sysSymlink", "loop", "/loop");
    expect(kernel.contents("/d/l")).toBe("deep");
    expect(kernel.contents("/abs/e/../l")).toBe("deep");
    expect(kernel.readLink("/d/l")).toBe("e/f");
    expect(kernel.call("sysOpen", "/loop", 0, 0)).toBe(-errno.ELOOP);
    expect(kernel.call("sysOpen", "/d/l", O_NOFOLLOW, 0)).toBe(-errno.ELOOP);
    expect(kernel.stat("/abs")).toMatchObject({ mode: 0o120777, size: 2 });
    expect(kernel.stat("/abs/")).toMatchObject({ mode: 0o040755 });
    expect(kernel.stat("/abs", "sysStat64")).toMatchObject({ mode: 0o040755 });
  });

  test("open creates what a dangling link names", () => {
    kernel.call("sysSymlink", "e/new", "/d/l");
    create("/d/l", "made");
    expect(kernel.contents("/d/e/new")).toBe("made");
    expect(kernel.call("sysOpen", "/d/l", O_CREAT | O_EXCL | O_RDWR, 0o666)).toBe(-errno.EEXIST);
  });

  test("the current directory: chdir, getcwd, openat", () => {
    const cwd = (): string => {
      const buffer = kernel.buffer(256);
      const got = kernel.call("sysGetcwd", buffer, 256);
      return got < 0 ? String(got) : Buffer.from(kernel.bytes(buffer, got - 1)).toString();
    };
    expect(cwd()).toBe("/");
    kernel.call("sysChdir", "/d/e");
    expect(cwd()).toBe("/d/e");
    expect(kernel.contents("f")).toBe("deep");
    expect(kernel.contents("../e/f")).toBe("deep");
    const fd = kernel.call("sysOpen", "/d", O_DIRECTORY, 0);
    expect(kernel.call("sysOpenat", fd, "e/f", 0, 0)).toBeGreaterThan(fd);
    kernel.call("sysUnlink", "f");
    expect(kernel.call("sysRmdir", "/d/e")).toBe(0);
    expect(cwd()).toBe(String(-errno.ENOENT));
    expect(kernel.call("sysOpen", "new", O_CREAT | O_RDWR, 0o666)).toBe(-errno.ENOENT);
    expect(kernel.call("sysGetcwd", kernel.buffer(1), 1)).toBe(-errno.ENOENT);
    kernel.call("sysChdir", "..");
    expect(cwd()).toBe("/d");
  });
});

describe("names", () => {
  test("link, unlink and their counts", () => {
    create("/a", "x");
    expect(kernel.call("sysLink", "/a", "/b")).toBe(0);
    expect(kernel.stat("/b")).toMatchObject({ links: 2 });
    expect(kernel.call("sysLink", "/a", "/b")).toBe(-errno.EEXIST);
    kernel.call("sysUnlink", "/a");
    expect(kernel.contents("/b")).toBe("x");
    kernel.call("sysMkdir", "/d", 0o755);
    expect(kernel.call("sysLink", "/d", "/e")).toBe(-errno.EPERM);
    expect(kernel.call("sysUnlink", "/d")).toBe(-errno.EISDIR);
    expect(kernel.call("sysRmdir", "/b")).toBe(-errno.ENOTDIR);
  });

  test("directories: links, emptiness, the root", () => {
    kernel.call("sysMkdir", "/d", 0o755);
    kernel.call("sysMkdir", "/d/e/", 0o755);
    expect(kernel.stat("/d")).toMatchObject({ mode: 0o040755, links: 3 });
    expect(kernel.call("sysRmdir", "/d")).toBe(-errno.ENOTEMPTY);
    expect(kernel.call("sysRmdir", "/d/.")).toBe(-errno.EINVAL);
    expect(kernel.call("sysRmdir", "/d/e")).toBe(0);
    expect(kernel.call("sysRmdir", "/d/")).toBe(0);
    expect(kernel.call("sysRmdir", "/")).toBe(-errno.EBUSY);
    expect(kernel.call("sysMkdir", "/", 0o755)).toBe(-errno.EEXIST);
  });

  test("rename replaces, moves directories, and refuses to put one below itself", () => {
    create("/a", "one");
    create("/b", "two");
    expect(kernel.call("sysRename", "/a", "/b")).toBe(0);
    expect(kernel.contents("/b")).toBe("one");
    kernel.call("sysMkdir", "/d", 0o755);
    kernel.call("sysMkdir", "/d/sub", 0o755);
    kernel.call("sysMkdir", "/t", 0o755);
    expect(kernel.call("sysRename", "/d", "/d/sub/x")).toBe(-errno.EINVAL);
    expect(kernel.call("sysRename", "/d/sub", "/t/sub")).toBe(0);
    expect(kernel.stat("/d")).toMatchObject({ links: 2 });
    expect(kernel.stat("/t")).toMatchObject({ links: 3 });
    expect(kernel.call("sysRename", "/t/sub", "/b")).toBe(-errno.ENOTDIR);
    expect(kernel.call("sysRename", "/b", "/t/sub")).toBe(-errno.EISDIR);
    expect(kernel.call("sysRename", "/t", "/d")).toBe(0);
    expect(kernel.list("/d")).toEqual([".", "..", "sub"]);
    create("/d/x");
    expect(kernel.call("sysMkdir", "/e", 0o755)).toBe(0);
    expect(kernel.call("sysRename", "/e", "/d")).toBe(-errno.ENOTEMPTY);
    expect(kernel.call("sysRename", "/nothing", "/d")).toBe(-errno.ENOENT);
  });

  test("getdents64 survives removal between two calls", () => {
    kernel.call("sysMkdir", "/many", 0o755);
    const names = Array.from({ length: 30 }, (_, index) => `name-${index}`);
    for (const name of names) create(`/many/${name}`);
    expect(kernel.list("/many")).toEqual([".", "..", ...names]);
    const fd = kernel.call("sysOpen", "/many", 0, 0);
    const seen: string[] = [];
    for (;;) {
      const buffer = kernel.buffer(40);
      const got = kernel.call("sysGetdents64", fd, buffer, 40);
      if (got === 0) break;
      const name = Buffer.from(kernel.bytes(buffer + 19, got - 19)).toString().replace(/\0.*$/s, "");
      seen.push(name);
      if (name.startsWith("name")) kernel.call("sysUnlink", `/many/${name}`);
    }
    expect(seen).toEqual([".", "..", ...names]);
    expect(kernel.list("/many")).toEqual([".", ".."]);
    expect(kernel.call("sysGetdents64", kernel.call("sysOpen", "/many", 0, 0), kernel.buffer(8), 8)).toBe(-errno.EINVAL);
  });
});
