import { createCipheriv } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { errno } from "@mercury/abi";
import { Kernel } from "../../../src/testing/kernel.ts";

let kernel: Kernel;
beforeEach(async () => {
  kernel = await Kernel.start();
});

const open = (path: string, flags = 2): number => kernel.call("sysOpen", path, flags, 0);

describe("devices", () => {
  test("null, zero and full", () => {
    expect(kernel.read(open("/dev/null"), 10)).toBe("");
    expect(kernel.write(open("/dev/null"), "gone")).toBe(4);
    expect(kernel.read(open("/dev/zero"), 5)).toBe("\0\0\0\0\0");
    expect(kernel.write(open("/dev/full"), "x")).toBe(-errno.ENOSPC);
    expect(kernel.read(open("/dev/full"), 2)).toBe("\0\0");
  });

  test("a number without a driver and a line without a UART are refused", () => {
    kernel.call("sysMknod", "/dev/odd", 0o20666, (77 << 8) | 1);
    expect(open("/dev/odd")).toBe(-errno.ENXIO);
    expect(open("/dev/ttyS1")).toBe(-errno.ENXIO);
    expect(open("/dev/tty")).toBe(-errno.ENXIO);
  });
});

/** ChaCha20 of Node's crypto library: 16 bytes of counter and nonce, then the key stream. */
function keyStream(key: Uint8Array, counter: bigint, bytes: number): Buffer {
  const initial = Buffer.alloc(16);
  initial.writeBigUInt64LE(counter);
  return createCipheriv("chacha20", key, initial).update(Buffer.alloc(bytes));
}

/** What the device must give after `seed` and a request at time stamp `time`, with the generator's rules applied to Node's ChaCha20. */
class Generator {
  private key: Buffer = Buffer.alloc(32);
  private counter = 0n;

  stir(seed: bigint): void {
    this.key.writeBigUInt64LE(this.key.readBigUInt64LE(0) ^ seed, 0);
    this.erase();
  }

  fill(bytes: number): Buffer {
    const blocks = Math.ceil(bytes / 64);
    const stream = keyStream(this.key, this.counter, blocks * 64);
    this.counter += BigInt(blocks);
    this.erase();
    return stream.subarray(0, bytes);
  }

  private erase(): void {
    this.key = Buffer.from(keyStream(this.key, this.counter, 32));
    this.counter += 1n;
  }
}

describe("random bytes", () => {
  test.each([1, 32, 64, 65, 1000])("%i bytes are ChaCha20's, the key erased after each request", (bytes) => {
    const expected = new Generator();
    kernel.number("stirRandom", 0x0123_4567_89ab_cdefn);
    expected.stir(0x0123_4567_89ab_cdefn);
    for (const time of [5n, 99n]) {
      kernel.time = time;
      expected.stir(time);
      const fd = open("/dev/urandom", 0);
      expect(Buffer.from(kernel.read(fd, bytes), "latin1")).toEqual(expected.fill(bytes));
    }
  });
});
