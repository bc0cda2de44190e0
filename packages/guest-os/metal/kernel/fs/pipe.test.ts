import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { errno } from "@mercury/abi";
import { Kernel, UNMAPPED } from "../../../src/testing/kernel.ts";

const O_RDONLY = 0;
const O_WRONLY = 1;
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const SIGPIPE_BIT = 1 << 12;
const PIPE_SIZE = 65_536;
const PIPE_BUF = 4096;
const POLLIN = 0x41;
const POLLOUT = 0x104;
const POLLERR = 8;
const POLLHUP = 16;

let kernel: Kernel;
let reader: number;
let writer: number;

function makePipe(): void {
  const buffer = kernel.buffer(8);
  expect(kernel.call("sysPipe2", buffer, O_NONBLOCK)).toBe(0);
  const ends = new DataView(kernel.bytes(buffer, 8).buffer);
  reader = ends.getInt32(0, true);
  writer = ends.getInt32(4, true);
}

beforeEach(async () => {
  kernel = await Kernel.start();
  makePipe();
});

/** What poll says of a descriptor when asked for everything. */
function poll(fd: number): number {
  const request = new Uint8Array(8);
  const view = new DataView(request.buffer);
  view.setInt32(0, fd, true);
  view.setUint16(4, 0x7fff, true);
  const address = kernel.buffer(8);
  kernel.poke(address, request);
  kernel.call("sysPoll", address, 1, 0);
  return new DataView(kernel.bytes(address, 8).buffer).getUint16(6, true);
}

describe("a pipe", () => {
  test("gives the bytes in order, end of file after the last writer, EPIPE and the signal after the last reader", () => {
    expect(kernel.write(writer, "hello")).toBe(5);
    expect(kernel.read(reader, 2)).toBe("he");
    expect(kernel.call("sysRead", reader, kernel.buffer(10), 10)).toBe(3);
    expect(kernel.call("sysRead", reader, kernel.buffer(10), 10)).toBe(-errno.EAGAIN);
    kernel.call("sysClose", writer);
    expect(kernel.read(reader, 10)).toBe("");
    makePipe();
    kernel.call("sysClose", reader);
    expect(kernel.write(writer, "x")).toBe(-errno.EPIPE);
    expect(kernel.number("pendingSignals") & SIGPIPE_BIT).toBe(SIGPIPE_BIT);
  });

  test("takes PIPE_BUF bytes whole or not at all, more in part", () => {
    expect(kernel.write(writer, "x".repeat(PIPE_SIZE - 10))).toBe(PIPE_SIZE - 10);
    expect(kernel.write(writer, "y".repeat(11))).toBe(-errno.EAGAIN);
    expect(kernel.write(writer, "y".repeat(PIPE_BUF))).toBe(-errno.EAGAIN);
    expect(kernel.write(writer, "y".repeat(PIPE_BUF + 1))).toBe(10);
    expect(kernel.write(writer, "z")).toBe(-errno.EAGAIN);
  });

  test("poll tells room, bytes and a missing other side", () => {
    expect([poll(reader), poll(writer)]).toEqual([0, POLLOUT]);
    kernel.write(writer, "x".repeat(PIPE_SIZE - PIPE_BUF + 1));
    expect([poll(reader), poll(writer)]).toEqual([POLLIN, 0]);
    kernel.call("sysClose", reader);
    expect(poll(writer) & POLLERR).toBe(POLLERR);
    makePipe();
    kernel.write(writer, "x");
    kernel.call("sysClose", writer);
    expect(poll(reader)).toBe(POLLIN | POLLHUP);
  });

  test("the wrong end and a bad buffer are refused, and nothing is lost", () => {
    kernel.write(writer, "abc");
    expect(kernel.call("sysWrite", reader, "x", 1)).toBe(-errno.EBADF);
    expect(kernel.call("sysRead", writer, kernel.buffer(1), 1)).toBe(-errno.EBADF);
    expect(kernel.call("sysRead", reader, UNMAPPED, 3)).toBe(-errno.EFAULT);
    expect(kernel.call("sysRead", reader, 0xb020_0000, 3)).toBe(-errno.EFAULT);
    expect(kernel.call("sysWrite", writer, UNMAPPED, 3)).toBe(-errno.EFAULT);
    expect(kernel.read(reader, 10)).toBe("abc");
    expect(kernel.call("sysLseek", reader, 0, 0)).toBe(-errno.ESPIPE);
  });

  test("would wait where it may not answer at once", () => {
    kernel.call("sysFcntl", reader, 4, 0);
    expect(() => kernel.call("sysRead", reader, kernel.buffer(1), 1)).toThrow();
  });

  test("any mix of reads and writes loses, doubles and reorders nothing, and the frames come back", () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9000 }));
    kernel.call("sysClose", reader);
    kernel.call("sysClose", writer);
    const free = kernel.number("freeFrameCount");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        makePipe();
        let sent = 0;
        let got = 0;
        const byte = (index: number): number => (index * 31 + (index >> 8)) & 0xff;
        for (const [writes, size] of steps) {
          if (writes) {
            const done = kernel.call("sysWrite", writer, Uint8Array.from({ length: size }, (_, at) => byte(sent + at)), size);
            const room = PIPE_SIZE - (sent - got);
            expect(done).toBe(size <= PIPE_BUF ? (room >= size ? size : -errno.EAGAIN) : room > 0 ? Math.min(room, size) : -errno.EAGAIN);
            sent += Math.max(done, 0);
          } else {
            const buffer = kernel.buffer(size);
            const done = kernel.call("sysRead", reader, buffer, size);
            expect(done).toBe(sent === got ? -errno.EAGAIN : Math.min(size, sent - got));
            const bytes = kernel.bytes(buffer, Math.max(done, 0));
            expect(bytes.every((value, at) => value === byte(got + at))).toBe(true);
            got += bytes.length;
          }
        }
        kernel.call("sysClose", reader);
        kernel.call("sysClose", writer);
        expect(kernel.number("freeFrameCount")).toBe(free);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a FIFO", () => {
  test("joins whoever opens it by name; opening for writing alone without a reader is refused", () => {
    expect(kernel.call("sysMknod", "/fifo", 0o10644, 0)).toBe(0);
    expect(kernel.call("sysOpen", "/fifo", O_WRONLY | O_NONBLOCK, 0)).toBe(-errno.ENXIO);
    const from = kernel.call("sysOpen", "/fifo", O_RDONLY | O_NONBLOCK, 0);
    const to = kernel.call("sysOpen", "/fifo", O_WRONLY, 0);
    kernel.write(to, "through a name");
    expect(kernel.read(from, 100)).toBe("through a name");
    kernel.call("sysClose", to);
    expect(kernel.read(from, 100)).toBe("");
    expect(kernel.call("sysOpen", "/fifo", O_RDWR, 0)).toBeGreaterThan(0);
    expect(() => {
      kernel.call("sysClose", from);
      kernel.call("sysClose", from + 1);
      kernel.call("sysOpen", "/fifo", O_RDONLY, 0);
    }).toThrow();
  });
});
