import { errno, interruptLines, selectors, syscalls, vectors } from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import { beforeEach, describe, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const wasmPages = 0xb000 + 0x44;
const returnSite = 0xb010_4321;
/** Where the test, playing the program, has its stack. */
const userStack = 0x0a00_0000;
const fields = ["ebx", "ecx", "edx", "esi", "edi", "ebp", "eax", "vector", "error", "eip", "cs", "eflags", "esp", "ss"] as const;
type Frame = Record<(typeof fields)[number], number>;
const userFrameSize = fields.length * 4;
const SIGUSR1 = 10;
const SIGSEGV = 11;
const SA_SIGINFO = 4;
const SA_RESTORER = 0x0400_0000;
const SA_RESTART = 0x1000_0000;
const bit = (signal: number): number => 1 << (signal - 1);

const user: Frame = {
  ebx: 1,
  ecx: 2,
  edx: 3,
  esi: 4,
  edi: 5,
  ebp: 6,
  eax: 7,
  vector: 0,
  error: 0,
  eip: 0x0804_9000,
  cs: selectors.userCode,
  eflags: 0x246,
  esp: userStack,
  ss: selectors.userData,
};

let trap: MetalExports;
let acknowledged: number[];
/** Where the kernel left through, when that was not the frame it was called with. */
let leftThrough: number | undefined;

function call(name: string, ...parameters: number[]): number {
  const found = trap[name];
  if (found === undefined) throw new Error(`metal/testing/trap.ts exports no ${name}`);
  return Number(found(...parameters) ?? 0) >>> 0;
}

function words(address: number, count: number): Uint32Array {
  return new Uint32Array(trap.memory.buffer, address >>> 0, count);
}

function copyWords(to: number, from: number, bytes: number): number {
  new Uint8Array(trap.memory.buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + bytes);
  return 0;
}

function place(address: number, frame: Frame): number {
  words(address, fields.length).set(fields.map((name) => frame[name]));
  return address;
}

function frameAt(address: number): Frame {
  const values = words(address, fields.length);
  // Every field has its word.
  return Object.fromEntries(fields.map((name, index) => [name, values[index]])) as Frame;
}

/** A frame of the program, where the processor puts it. */
function placeUser(frame: Partial<Frame> = {}): number {
  return place(call("stackTop") - userFrameSize, { ...user, ...frame });
}

beforeEach(async () => {
  const nothing = (): undefined => undefined;
  acknowledged = [];
  leftThrough = undefined;
  trap = await metal(
    "@mercury/guest-os/metal/testing/trap",
    root,
    {
      sym: { trapReturnSite: () => returnSite, fixUpTable: () => 0x1000, taskStart: () => 0, forkedTask: () => 0 },
      asm: {
        userCopy: copyWords,
        leaveThrough: (frame: number) => void (leftThrough = frame >>> 0),
        readUserSegments: () => 0,
        loadUserSegments: nothing,
      },
      x86: { readTimeStamp: () => 0n },
      "mercury:vo": {
        saveFlags: () => 0,
        restoreFlags: nothing,
        disableInterrupts: nothing,
        enableInterrupts: nothing,
        acknowledgeLine: (line: number) => void acknowledged.push(line),
      },
    },
    { pages: wasmPages },
  );
  call("setUpTrap");
});

describe("an interrupt that nobody asked for", () => {
  const arrive = (line: number): void => void call("trapDispatch", placeUser({ vector: vectors.irqBase + line }));

  test("of the first controller takes no end of interrupt", () => {
    arrive(7);
    expect(acknowledged).toEqual([]);
  });

  test("of the second controller ends the first one's cascade", () => {
    arrive(15);
    expect(acknowledged).toEqual([interruptLines.cascade]);
  });

  test("on any other line is ended", () => {
    arrive(5);
    expect(acknowledged).toEqual([5]);
  });
});

describe("a return that the processor refuses", () => {
  /** The fault's frame, below the refused one; a same-ring frame ends after eflags. */
  const faultBelow = (refused: number, registers: Partial<Frame>): number => {
    const at = refused - 48;
    const own = { ...user, ...registers, vector: vectors.generalProtection, eip: returnSite, cs: selectors.kernelCode, eflags: 2 };
    words(at, 12).set(fields.slice(0, 12).map((name) => own[name]));
    return at;
  };

  test("to a frame of ring 1 is made one to ring 0", () => {
    const refused = call("stackTop") - 200;
    words(refused, 3).set([0xb010_0000, selectors.kernelCodeRing1, 0x202]);
    call("trapDispatch", faultBelow(refused, {}));
    expect([...words(refused, 3)]).toEqual([0xb010_0000, selectors.kernelCode, 0x202]);
  });

  test("to a program whose stack segment is gone is that program's SIGSEGV", () => {
    call("setAction", SIGSEGV, 0x0804_a000, SA_RESTORER, 0);
    const top = call("stackTop");
    words(top - 20, 5).set([user.eip, user.cs, user.eflags, user.esp, 0x33]);
    call("trapDispatch", faultBelow(top - 20, { eax: 77, ebx: 78 }));
    expect(leftThrough).toBe(top - userFrameSize);
    const left = frameAt(top - userFrameSize);
    expect(left).toMatchObject({ eip: 0x0804_a000, eax: SIGSEGV, ss: selectors.userData, ebx: 78 });
    // The context on the program's stack has the registers that it had.
    expect(words(left.esp + 8, 22)[11]).toBe(77);
  });
});

describe("a signal", () => {
  const deliver = (frame: Partial<Frame> = {}): Frame => {
    const at = placeUser({ vector: 0, ...frame });
    call("systemCall", at);
    return frameAt(at);
  };

  test.each([
    ["plain", 0, syscalls.sigreturn.number, 4],
    ["with information", SA_SIGINFO, syscalls.rt_sigreturn.number, 0],
  ])("runs its handler (%s), and everything is as before when that returns", (_, form, number, popped) => {
    call("setAction", SIGUSR1, 0x0804_b000, form | SA_RESTORER, bit(12));
    call("block", bit(1));
    call("send", SIGUSR1);
    const before = { eax: syscalls.getpid.number, vector: vectors.systemCall, error: syscalls.getpid.number };
    const handler = deliver(before);
    expect(handler).toMatchObject({ eip: 0x0804_b000, eax: SIGUSR1 });
    expect((handler.esp + 4) % 16).toBe(0);
    expect(call("blocked")).toBe(bit(1) | bit(12) | bit(SIGUSR1));
    // The handler returns: the return address is popped, and in the plain form the trampoline pops the signal.
    const returned = deliver({ esp: handler.esp + 4 + popped, eax: number, vector: vectors.systemCall, error: number });
    expect(returned).toMatchObject({ ...user, eax: 2, vector: 0, error: number });
    expect(call("blocked")).toBe(bit(1));
  });

  test("whose handler's frame has nowhere to go ends the program by SIGSEGV", () => {
    call("setAction", SIGUSR1, 0x0804_b000, 0, 0);
    call("send", SIGUSR1);
    deliver({ esp: 0xb000_0010, eax: syscalls.getpid.number });
    expect(call("status")).toBe(SIGSEGV);
  });

  test("cannot give a program other segments or privileged flags", () => {
    call("setAction", SIGUSR1, 0x0804_b000, SA_RESTORER, 0);
    call("send", SIGUSR1);
    const handler = deliver({ eax: syscalls.getpid.number });
    const context = words(handler.esp + 8, 22);
    context.set([selectors.kernelCode, 0x3246 | 0x1_0000, 0], 15);
    const returned = deliver({ esp: handler.esp + 8, eax: syscalls.sigreturn.number });
    expect(returned).toMatchObject({ cs: selectors.userCode, ss: selectors.userData, eflags: 0x1_0246 });
  });

  test("makes pause answer EINTR, even where calls are restarted", () => {
    call("setAction", SIGUSR1, 0x0804_b000, SA_RESTART | SA_RESTORER, 0);
    call("send", SIGUSR1);
    const number = syscalls.pause.number;
    const handler = deliver({ eax: number, vector: vectors.systemCall, error: number });
    const context = words(handler.esp + 8, 22);
    expect([context[11], context[14]]).toEqual([-errno.EINTR >>> 0, user.eip]);
  });
});

test("a number that is no system call answers ENOSYS", () => {
  const at = placeUser({ eax: 9999, vector: vectors.systemCall, error: 9999 });
  call("systemCall", at);
  expect(frameAt(at).eax).toBe(-errno.ENOSYS >>> 0);
});
