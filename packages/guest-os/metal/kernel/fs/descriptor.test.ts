import { beforeEach, describe, expect, test } from "vitest";
import { errno } from "@mercury/abi";
import { Kernel } from "../../../src/testing/kernel.ts";

const O_CREAT = 0o100;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const O_APPEND = 0o2000;
const F_DUPFD = 0;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;

let kernel: Kernel;
let fd: number;
beforeEach(async () => {
  kernel = await Kernel.start();
  fd = kernel.call("sysOpen", "/file", O_CREAT | O_RDWR, 0o644);
});

describe("descriptors", () => {
  test("copies share the position, the lowest free number is taken, closing one leaves the other", () => {
    const copy = kernel.call("sysDup", fd);
    expect(copy).toBe(fd + 1);
    kernel.write(fd, "abc");
    expect(kernel.call("sysLseek", copy, 0, 1)).toBe(3);
    expect(kernel.call("sysClose", fd)).toBe(0);
    expect(kernel.call("sysClose", fd)).toBe(-errno.EBADF);
    expect(kernel.call("sysDup", copy)).toBe(fd);
    expect(kernel.call("sysDup2", copy, 40)).toBe(40);
    expect(kernel.call("sysDup2", 99, 1)).toBe(-errno.EBADF);
    expect(kernel.call("sysDup2", copy, copy)).toBe(copy);
    expect(kernel.call("sysDup3", copy, copy, 0)).toBe(-errno.EINVAL);
    expect(kernel.call("sysDup2", copy, 1024)).toBe(-errno.EBADF);
  });

  test("a table has room for 1024", () => {
    let last = fd;
    for (;;) {
      const next = kernel.call("sysDup", fd);
      if (next < 0) {
        expect(next).toBe(-errno.EMFILE);
        break;
      }
      last = next;
    }
    expect(last).toBe(1023);
    expect(kernel.call("sysFcntl", fd, F_DUPFD, 1024)).toBe(-errno.EINVAL);
  });

  test("fcntl: flags of the descriptor and of the file", () => {
    expect(kernel.call("sysFcntl", fd, F_GETFD, 0)).toBe(0);
    kernel.call("sysFcntl", fd, F_SETFD, 1);
    expect(kernel.call("sysFcntl", fd, F_GETFD, 0)).toBe(1);
    const copy = kernel.call("sysFcntl", fd, F_DUPFD_CLOEXEC, 10);
    expect(copy).toBe(10);
    expect(kernel.call("sysFcntl", copy, F_GETFD, 0)).toBe(1);
    expect(kernel.call("sysFcntl", kernel.call("sysDup", fd), F_GETFD, 0)).toBe(0);
    expect(kernel.call("sysFcntl", kernel.call("sysOpen", "/file", O_CLOEXEC, 0), F_GETFD, 0)).toBe(1);
    expect(kernel.call("sysFcntl", fd, F_GETFL, 0)).toBe(O_RDWR);
    kernel.call("sysFcntl", fd, F_SETFL, O_APPEND);
    expect(kernel.call("sysFcntl", copy, F_GETFL, 0)).toBe(O_RDWR | O_APPEND);
    expect(kernel.call("sysFcntl", fd, 77, 0)).toBe(-errno.EINVAL);
  });

  test("readv and writev gather and scatter; sendfile moves between files", () => {
    const text = kernel.buffer(64);
    kernel.poke(text, Buffer.from("onetwothree"));
    const vector = (...pieces: [number, number][]): Uint8Array => new Uint8Array(Uint32Array.from(pieces.flat()).buffer);
    expect(kernel.call("sysWritev", fd, vector([text + 3, 3], [text, 0], [text, 3], [text + 6, 5]), 4)).toBe(11);
    expect(kernel.contents("/file")).toBe("twoonethree");
    kernel.call("sysLseek", fd, 0, 0);
    expect(kernel.call("sysReadv", fd, vector([text + 32, 5], [text + 48, 9]), 2)).toBe(11);
    expect(Buffer.from(kernel.bytes(text + 48, 6)).toString()).toBe("ethree");
    expect(kernel.call("sysWritev", fd, vector([text, 0xffff_ffff]), 1)).toBe(-errno.EINVAL);
    expect(kernel.call("sysWritev", fd, vector([text, 1]), 1025)).toBe(-errno.EINVAL);
    const other = kernel.call("sysOpen", "/other", O_CREAT | O_RDWR, 0o644);
    kernel.call("sysLseek", fd, 3, 0);
    expect(kernel.call("sysSendfile64", other, fd, 0, 100)).toBe(8);
    expect(kernel.contents("/other")).toBe("onethree");
    expect(kernel.call("sysSendfile64", other, fd, new Uint8Array(8), 3)).toBe(3);
    expect(kernel.call("sysLseek", fd, 0, 1)).toBe(11);
    expect(kernel.contents("/other")).toBe("onethreetwo");
  });
});
