import { errno, syscalls } from "@mercury/abi";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { metal, type MetalExports } from "@mercury/toolchain/testing";

const root = new URL("../../", import.meta.url);
const sharedPage = 0xb020_0000;
/** 64 KB pages up to the end of the frames at B0440000. */
const wasmPages = 0xb000 + 0x44;

let ticks = 0n;
let core: MetalExports;
beforeAll(async () => {
  const nothing = (): undefined => undefined;
  core = await metal(
    "@mercury/guest-os/metal/testing/core",
    root,
    {
      x86: { readTimeStamp: () => ticks },
      "mercury:vo": { saveFlags: () => 0, restoreFlags: nothing, disableInterrupts: nothing },
    },
    { pages: wasmPages },
  );
});

function call(name: string, ...parameters: (number | bigint)[]): number {
  const found = core[name];
  if (found === undefined) throw new Error(`metal/testing/core.ts exports no ${name}`);
  return Number(found(...parameters) ?? 0);
}

function scratch(): DataView {
  return new DataView(core.memory.buffer, call("scratchAddress"), 8192);
}

/** Puts a NUL-terminated string at an offset of the scratch memory; its address. */
function place(text: string, offset = 0): number {
  const bytes = new TextEncoder().encode(`${text}\0`);
  new Uint8Array(core.memory.buffer, call("scratchAddress") + offset, bytes.length).set(bytes);
  return call("scratchAddress") + offset;
}

function textAt(address: number): string {
  const bytes = new Uint8Array(core.memory.buffer, address, 256);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

test("every row of the contract's table of system calls has a handler, and no other number", () => {
  call("installCalls");
  const numbers = new Set<number>(Object.values(syscalls).map(({ number }) => number));
  for (let number = 0; number < 500; number++) expect([number, call("systemCallHandler", number) !== 0]).toEqual([number, numbers.has(number)]);
  expect(call("systemCallHandler", 0xffff_ffff)).toBe(0);
});

describe("the command line", () => {
  test("is words; the last of a name counts, and what is not known means nothing", () => {
    call("setCommandLine", place("/boot/kernel mode=native  modes=x mode=virtual shuffle=42 inject"));
    const has = (name: string, value: string): boolean => call("option", place(name, 512), place(value, 600)) === 1;
    expect(has("mode", "virtual")).toBe(true);
    expect(has("mode", "native")).toBe(false);
    expect(has("mode", "virt")).toBe(false);
    expect(has("inject", "")).toBe(false);
    expect(call("numberOption", place("shuffle", 512))).toBe(42);
    expect(call("numberOption", place("none", 512))).toBe(-1);
  });

  test("is cut to what the kernel keeps", () => {
    call("setCommandLine", place("a".repeat(3000)));
    expect(textAt(call("commandLine")).length).toBeLessThan(1024);
  });
});

describe("the first line of a script", () => {
  const parse = (line: string): [number, string, string] => {
    const at = place(line);
    const result = call("parseScript", at, line.length);
    const argument = call("scriptArgument");
    return [result, textAt(call("scriptInterpreter")), argument === 0 ? "" : textAt(argument)];
  };

  test.each([
    ["#!/bin/sh\necho", "/bin/sh", ""],
    ["#! /bin/sh \t\nx", "/bin/sh", ""],
    ["#!/bin/awk -f  now \n", "/bin/awk", "-f  now"],
  ])("%j names %s", (line, interpreter, argument) => {
    expect(parse(line)).toEqual([0, interpreter, argument]);
  });

  test("without an interpreter or an end is refused", () => {
    expect(parse("#!\n")[0]).toBe(-errno.ENOEXEC);
    expect(parse("#!   \n")[0]).toBe(-errno.ENOEXEC);
    expect(parse("#!/bin/sh")[0]).toBe(-errno.ENOEXEC);
  });
});

describe("time", () => {
  test("days of the calendar are those of JavaScript's", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date("1970-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }), (date) => {
        const days = call("daysFromCivil", date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
        expect(days).toBe(Math.floor(date.getTime() / 86_400_000));
      }),
    );
  });

  test("ticks become nanoseconds to within a millionth, at any rate", () => {
    fc.assert(
      fc.property(fc.bigInt(1_000_000n, 10_000_000_000n), fc.bigInt(0n, 1n << 44n), (hertz, elapsed) => {
        const shift = call("shiftFor", hertz);
        const nanoseconds = BigInt.asUintN(64, core["scaleTicks"]?.(elapsed, shift, call("multiplierFor", hertz, shift)) as bigint);
        const exact = (elapsed * 1_000_000_000n) / hertz;
        const difference = nanoseconds > exact ? nanoseconds - exact : exact - nanoseconds;
        expect(difference <= exact / 1_000_000n + 8n).toBe(true);
      }),
    );
  });

  test("starts at zero and follows the counter", () => {
    ticks = 5_000n;
    call("startClock", 2_000_000_000n, 77);
    expect(call("now")).toBe(0);
    ticks += 4_000_000_000n;
    expect(call("now")).toBeGreaterThan(1_999_999_990);
    expect(call("now")).toBeLessThanOrEqual(2_000_000_000);
    expect(new DataView(core.memory.buffer).getUint32(sharedPage + 60, true)).toBe(77);
  });
});

test("timers fire when their time has come, whatever was started, moved or stopped before", () => {
  call("setUpTimers");
  ticks = 0n;
  call("startClock", 1_000_000_000n, 0);
  const step = fc.record({ kind: fc.constantFrom("start", "cancel", "pass"), which: fc.nat(7), time: fc.nat(1000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const deadlines = new Map<number, number>();
      for (let timer = 0; timer < 8; timer++) call("cancel", timer);
      for (const { kind, which, time } of steps) {
        if (kind === "start") {
          call("start", which, BigInt(call("now") + time));
          deadlines.set(which, call("now") + time);
        } else if (kind === "cancel") {
          call("cancel", which);
          deadlines.delete(which);
        } else {
          ticks += BigInt(time);
          call("expire");
          for (const [timer, deadline] of deadlines) if (deadline <= call("now")) deadlines.delete(timer);
        }
        for (let timer = 0; timer < 8; timer++) expect(call("isRunning", timer)).toBe(deadlines.has(timer) ? 1 : 0);
      }
    }),
  );
});

interface Segment {
  readonly type?: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly flags: number;
}

function placeSegments(segments: readonly Segment[]): number {
  segments.forEach(({ type = 1, offset, address, fileSize, memorySize, flags }, index) => {
    [type, offset, address, address, fileSize, memorySize, flags, 4096].forEach((word, field) =>
      scratch().setUint32(index * 32 + field * 4, word, true),
    );
  });
  return call("scratchAddress");
}

describe("a program's segments", () => {
  beforeAll(() => void call("setUpCore"));
  const text = { offset: 0, address: 0x0804_8000, fileSize: 0x1234, memorySize: 0x1234, flags: 5 };
  const data = { offset: 0x1f10, address: 0x0805_0f10, fileSize: 0x200, memorySize: 0x3000, flags: 6 };
  const map = (...segments: Segment[]): number => call("mapHeaders", placeSegments(segments), segments.length);

  test("become areas of the file, and of zeros behind it", () => {
    expect(map(text, data)).toBe(0);
    const area = (index: number): number[] => [0, 1, 2, 3, 4, 5].map((field) => call("areaField", index, field));
    expect(area(0)).toEqual([0x0804_8000, 0x0804_a000, 5, 1, 0, 0x1234]);
    expect(area(1)).toEqual([0x0805_0000, 0x0805_2000, 3, 1, 0x1000, 0x2110]);
    expect(area(2).slice(0, 4)).toEqual([0x0805_2000, 0x0805_4000, 3, 0]);
    expect(call("areaField", 3, 0)).toBe(-1);
    expect(call("programBreak")).toBe(0x0805_4000);
    expect(call("headersAddress", 0x34, call("scratchAddress"), 2)).toBe(0x0804_8034);
  });

  test.each<[string, Segment]>([
    ["overlaps another", { ...data, address: 0x0804_9f10 }],
    ["reaches the kernel", { ...data, address: 0xafff_ef10 }],
    ["wraps around", { ...data, address: 0xffff_ff10, memorySize: 0x1000 }],
    ["lies in page 0", { ...data, address: 0xf10 }],
    ["has more file than memory", { ...data, fileSize: 0x4000 }],
    ["lies askew in the file", { ...data, offset: 0x1f00 }],
    ["lies beyond any file", { ...data, offset: 0x7fff_ff10 }],
    ["wants a loader", { ...data, type: 3 }],
  ])("one that %s is refused", (_, segment) => {
    expect(map(text, segment)).toBe(-errno.ENOEXEC);
  });

  test("a header of another kind is refused", () => {
    const good = [0x464c_457f, 0x0001_0101, 0, 0, 0x0003_0002, 1, 0x0804_8000, 52, 0, 0, 0x0020_0034, 0x0000_0001];
    const accepts = (index: number, word: number): number => {
      good.forEach((value, at) => scratch().setUint32(at * 4, at === index ? word : value, true));
      return call("acceptsHeader", call("scratchAddress"));
    };
    expect(accepts(0, 0x464c_457f)).toBe(1);
    expect(accepts(0, 0x464c_457e)).toBe(0);
    expect(accepts(1, 0x0001_0102)).toBe(0);
    expect(accepts(4, 0x003e_0002)).toBe(0);
    expect(accepts(4, 0x0003_0003)).toBe(0);
    expect(accepts(10, 0x0038_0034)).toBe(0);
    expect(accepts(11, 65)).toBe(0);
    expect(accepts(11, 0)).toBe(0);
  });
});
