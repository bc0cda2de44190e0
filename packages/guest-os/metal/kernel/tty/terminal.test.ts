import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { errno } from "@mercury/abi";
import { Kernel } from "../../../src/testing/kernel.ts";

const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const TCGETS = 0x5401;
const TCSETS = 0x5402;
const TCSETSF = 0x5404;
const TIOCGPGRP = 0x540f;
const TIOCSPGRP = 0x5410;
const TIOCGWINSZ = 0x5413;
const FIONREAD = 0x541b;
const ISIG = 1;
const ICANON = 2;
const ECHO = 8;
const ICRNL = 0o400;
const VTIME = 5;
const VMIN = 6;

let kernel: Kernel;
let fd: number;
beforeEach(async () => {
  kernel = await Kernel.start();
  fd = kernel.call("sysOpen", "/dev/ttyS0", O_RDWR | O_NONBLOCK, 0);
  expect(fd).toBe(0);
  kernel.line.text();
});

/** Everything that can be read now; null where a read would wait. */
function read(count = 4096): string | null {
  const buffer = kernel.buffer(count);
  const got = kernel.call("sysRead", fd, buffer, count);
  if (got === -errno.EAGAIN) return null;
  expect(got).toBeGreaterThanOrEqual(0);
  return Buffer.from(kernel.bytes(buffer, got)).toString("latin1");
}

function change(flags: { input?: number; output?: number; local?: number; minimum?: number; time?: number }, request = TCSETS): void {
  const buffer = kernel.buffer(36);
  expect(kernel.call("sysIoctl", fd, TCGETS, buffer)).toBe(0);
  const settings = new DataView(kernel.bytes(buffer, 36).buffer);
  if (flags.input !== undefined) settings.setUint32(0, flags.input, true);
  if (flags.output !== undefined) settings.setUint32(4, flags.output, true);
  if (flags.local !== undefined) settings.setUint32(12, flags.local, true);
  if (flags.minimum !== undefined) settings.setUint8(17 + VMIN, flags.minimum);
  if (flags.time !== undefined) settings.setUint8(17 + VTIME, flags.time);
  expect(kernel.call("sysIoctl", fd, request, new Uint8Array(settings.buffer))).toBe(0);
}

describe("canonical mode", () => {
  test("a line is readable once it ends, and is echoed as typed", () => {
    kernel.type("ls -l");
    expect(read()).toBeNull();
    kernel.type("\r");
    expect(read()).toBe("ls -l\n");
    expect(kernel.line.text()).toBe("ls -l\r\n");
    expect(read()).toBeNull();
  });

  test("one read gives at most one line, and the rest of a line stays", () => {
    kernel.type("one\ntwo\n");
    expect(read(2)).toBe("on");
    expect(read()).toBe("e\n");
    expect(read()).toBe("two\n");
  });

  test.each([
    ["erase", "abc\x7f\x7fd\n", "ad\n", "abc\b \b\b \bd\r\n"],
    ["erase on an empty line", "\x7f\x7fa\n", "a\n", "a\r\n"],
    ["erase stops at the line before", "a\n\x7f\x7fb\n", "a\n", "a\r\nb\r\n"],
    ["kill", "abc\x15d\n", "d\n", "abc\b \b\b \b\b \bd\r\n"],
    ["word", "one two  \x17x\n", "one x\n", `one two  ${"\b \b".repeat(5)}x\r\n`],
    ["a control character is shown with a caret and erased as two columns", "a\x01\x7fb\n", "ab\n", "a^A\b \b\b \bb\r\n"],
    ["a tab is left by steps back", "ab\t\x7fc\n", "abc\n", `ab\t${"\b".repeat(6)}c\r\n`],
    ["a UTF-8 character goes as one", "a\u00c3\u00a4\x7fb\n", "ab\n", "a\u00c3\u00a4\b \bb\r\n"],
    ["literal next", "a\x16\x03b\x16\x7f\n", "a\x03b\x7f\n", "a^\b^Cb^\b^?\r\n"],
    ["reprint", "abc\x12d\n", "abcd\n", "abc^R\r\nabcd\r\n"],
  ])("%s", (_, typed, line, echoed) => {
    kernel.type(typed);
    expect(read()).toBe(line);
    expect(kernel.line.text()).toBe(echoed);
  });

  test("end of file: alone it reads as nothing, after text it ends the read, and it is not echoed", () => {
    kernel.type("abc\x04");
    expect(read(3)).toBe("abc");
    expect(read()).toBeNull();
    kernel.type("abc\x04");
    expect(read()).toBe("abc");
    kernel.type("\x04");
    expect(read()).toBe("");
    expect(read()).toBeNull();
    expect(kernel.line.text()).toBe("abcabc");
  });

  test("a line longer than the buffer rings the bell and can still be ended", () => {
    kernel.type("x".repeat(5000));
    expect(kernel.line.text()).toBe("x".repeat(4095) + "\x07".repeat(905));
    kernel.type("\n");
    expect(read(8192)).toBe(`${"x".repeat(4095)}\n`);
  });

  test("whole lines that nobody reads hold the sender back, and nothing is lost", () => {
    const lines = Array.from({ length: 300 }, (_, index) => `line ${index} ${"y".repeat(index % 60)}\n`);
    kernel.type(lines.join(""));
    expect(kernel.line.waiting.length).toBeGreaterThan(0);
    const got: string[] = [];
    for (let line = read(); line !== null; line = read()) got.push(line);
    expect(got).toEqual(lines);
    expect(kernel.line.waiting).toEqual([]);
  });

  test("what a line gives does not depend on how its bytes arrive or are read", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "\x7f", "\x15", "\x17", "\t"), maxLength: 80 });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }), (typed, sizes) => {
        const all = `${typed}\n`;
        kernel.type(all);
        const whole: string[] = [];
        for (let line = read(); line !== null; line = read()) whole.push(line);
        let at = 0;
        for (let turn = 0; at < all.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          kernel.type(all.slice(at, at + size));
          at += size;
        }
        let pieces = "";
        for (let turn = 0; ; turn++) {
          const piece = read(sizes[turn % sizes.length] ?? 1);
          if (piece === null) break;
          pieces += piece;
        }
        expect(pieces).toBe(whole.join(""));
      }),
      { numRuns: 200 },
    );
  });
});

describe("other modes", () => {
  test("raw: every byte is readable at once, unchanged, without echo", () => {
    change({ local: 0, input: 0, minimum: 1 });
    kernel.type("a\r\x03\x7f\x04");
    expect(read()).toBe("a\r\x03\x7f\x04");
    expect(kernel.line.text()).toBe("");
  });

  test("VMIN 0 and VTIME 0 never wait; O_NONBLOCK with VMIN 1 says EAGAIN", () => {
    change({ local: 0, minimum: 0, time: 0 });
    expect(read()).toBe("");
    change({ local: 0, minimum: 1 });
    expect(read()).toBeNull();
  });

  test("TCSETSF forgets what was typed, TCSETS does not; a half line becomes readable in raw mode and stays so back in canonical mode", () => {
    kernel.type("half");
    change({ local: ISIG });
    expect(read(2)).toBe("ha");
    change({ local: ISIG | ICANON | ECHO });
    expect(read()).toBe("lf");
    kernel.type("gone");
    change({ local: ISIG }, TCSETSF);
    expect(read()).toBeNull();
  });

  test("output: a newline becomes two bytes, but not without OPOST", () => {
    kernel.write(fd, "a\nb");
    expect(kernel.line.text()).toBe("a\r\nb");
    change({ output: 0 });
    kernel.write(fd, "a\nb");
    expect(kernel.line.text()).toBe("a\nb");
  });

  test("output waits in the ring while the line is busy, is not lost, and ends short where it would wait", () => {
    kernel.line.ready = false;
    const text = "z".repeat(6000);
    const taken = kernel.write(fd, text);
    expect(taken).toBeGreaterThan(3000);
    expect(taken).toBeLessThan(4097);
    expect(kernel.write(fd, "more")).toBe(-errno.EAGAIN);
    expect(kernel.line.text()).toBe("");
    kernel.line.ready = true;
    for (let turn = 0; turn < 600; turn++) kernel.number("serialInterrupt");
    expect(kernel.line.text()).toBe(text.slice(0, taken));
  });

  test("^S holds the output and ^Q lets it go", () => {
    kernel.type("\x13");
    kernel.write(fd, "held");
    expect(kernel.line.text()).toBe("");
    kernel.type("\x11");
    expect(kernel.line.text()).toBe("held");
  });
});

describe("jobs", () => {
  test("^C, ^\\ and ^Z signal the foreground group and void what was typed", () => {
    kernel.type("abc\x03\x1c\x1a\n");
    const bit = (signal: number): number => 1 << (signal - 1);
    expect(kernel.number("pendingSignals") >>> 0).toBe(bit(2) | bit(3) | bit(20));
    expect(kernel.line.text()).toBe("abc^C^\\^Z\r\n");
    change({ local: ICANON });
    expect(kernel.call("sysIoctl", fd, TIOCGPGRP, kernel.buffer(4))).toBe(0);
  });

  test("the terminal belongs to the session that opened it", () => {
    const buffer = kernel.buffer(4);
    expect(kernel.call("sysIoctl", fd, TIOCGPGRP, buffer)).toBe(0);
    expect([...kernel.bytes(buffer, 4)]).toEqual([1, 0, 0, 0]);
    expect(kernel.call("sysIoctl", fd, TIOCSPGRP, Uint8Array.of(99, 0, 0, 0))).toBe(-errno.ESRCH);
    expect(kernel.call("sysOpen", "/dev/tty", O_RDWR, 0)).toBeGreaterThan(0);
  });

  test("window size, pending bytes, and ENOTTY for everything else", () => {
    const buffer = kernel.buffer(8);
    expect(kernel.call("sysIoctl", fd, TIOCGWINSZ, buffer)).toBe(0);
    expect([...kernel.bytes(buffer, 8)]).toEqual([24, 0, 80, 0, 0, 0, 0, 0]);
    kernel.type("abc\nd");
    expect(kernel.call("sysIoctl", fd, FIONREAD, kernel.buffer(4))).toBe(0);
    expect([...kernel.bytes(buffer, 4)]).toEqual([4, 0, 0, 0]);
    expect(kernel.call("sysIoctl", fd, 0x1234, 0)).toBe(-errno.ENOTTY);
    const file = kernel.call("sysOpen", "/dev/null", O_RDWR, 0);
    expect(kernel.call("sysIoctl", file, TCGETS, buffer)).toBe(-errno.ENOTTY);
  });

  test("ICRNL off keeps a carriage return, which then ends no line", () => {
    change({ input: 0 });
    kernel.type("a\r");
    expect(read()).toBeNull();
    change({ input: ICRNL });
    kernel.type("\r");
    expect(read()).toBe("a\r\n");
  });
});
