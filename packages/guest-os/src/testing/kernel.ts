/** The kernel's file side under test: compiled as wasm with the machine mocked, and driven through its system calls as a program would. */
import { metal, type MetalExports } from "@mercury/toolchain/testing";

const packageRoot = new URL("../../", import.meta.url);
/** Frames that the kernel under test has. */
const FRAMES = 2048;
/** 64 KB pages of linear memory: the direct map starts at B0000000, frames at 4 MB above it. */
const WASM_PAGES = 0xb000 + 0x40 + FRAMES / 16 + 1;
const SHARED_PAGE = 0xb020_0000;
/** Where the test, playing the program, keeps its strings and buffers. */
const USER_MEMORY = 0x0800_0000;
/** A page of the program that is not there: every copy from or to it fails. */
export const UNMAPPED = 0x0700_0000;

/** Names by number that the switch under the kernel gives. */
const strategies = ["careless", "careful"] as const;

/** A UART whose transmitter is always ready; what it is sent is kept, what it shall receive is queued. */
export class MockLine {
  readonly sent: number[] = [];
  readonly waiting: number[] = [];
  ready: boolean = true;

  read(port: number): number {
    const register = port - 0x3f8;
    if (register === 0) return this.waiting.shift() ?? 0;
    if (register === 2) return 1;
    if (register === 5) return (this.ready ? 0x60 : 0) | (this.waiting.length > 0 ? 1 : 0);
    return register === 7 ? this.scratch : 0;
  }

  write(port: number, value: number): void {
    if (port === 0x3f8 && !this.divisorLatch) this.sent.push(value);
    if (port === 0x3fb) this.divisorLatch = (value & 0x80) !== 0;
    if (port === 0x3ff) this.scratch = value;
  }

  /** What was sent since the last call, as text. */
  text(): string {
    return Buffer.from(this.sent.splice(0)).toString("latin1");
  }

  private scratch = 0;
  private divisorLatch = false;
}

/** One kernel with one task, and calls with JavaScript values. */
export class Kernel {
  readonly line: MockLine = new MockLine();
  /** Ticks of the time stamp counter, a nanosecond each. */
  time: bigint = 1_000_000_000n;
  /** Modes that the kernel asked the switch for, and what the switch answers. */
  readonly requests: number[] = [];
  answer: number = 0;
  private exports: MetalExports | undefined;
  private next = USER_MEMORY;

  static async start(options: { readonly filePages?: number } = {}): Promise<Kernel> {
    const kernel = new Kernel();
    kernel.exports = await metal("@mercury/guest-os/metal/testing/files", packageRoot, kernel.mocks(), { pages: WASM_PAGES });
    kernel.startClock();
    if (kernel.number("setUp", FRAMES, options.filePages ?? FRAMES / 2) !== 1) throw new Error("the kernel under test did not start");
    kernel.number("completeFiles");
    return kernel;
  }

  /** Calls an export that takes and gives numbers. */
  number(name: string, ...parameters: (number | bigint)[]): number {
    const call = this.exports?.[name];
    if (call === undefined) throw new Error(`the kernel under test exports no ${name}`);
    return Number(call(...parameters) ?? 0);
  }

  /** A system call: strings and bytes are put into the program's memory and passed by address. */
  call(name: string, ...parameters: (number | string | Uint8Array)[]): number {
    this.next = USER_MEMORY;
    const values = parameters.map((parameter) => (typeof parameter === "number" ? parameter : this.place(parameter)));
    return this.number(name, ...values);
  }

  /** Reserves zeroed memory of the program for the next call, behind what `call` places. */
  buffer(bytes: number): number {
    const address = USER_MEMORY + 0x10_0000;
    this.memory().fill(0, address, address + bytes);
    return address;
  }

  /** A copy of the program's or the kernel's memory. */
  bytes(address: number, length: number): Uint8Array {
    return this.memory().slice(address, address + length);
  }

  /** Puts bytes at an address of any kind. */
  poke(address: number, bytes: Uint8Array): void {
    this.memory().set(bytes, address);
  }

  read(fd: number, count: number): string {
    const buffer = this.buffer(count);
    const got = this.call("sysRead", fd, buffer, count);
    if (got < 0) throw new Error(`read: ${got}`);
    return Buffer.from(this.bytes(buffer, got)).toString("latin1");
  }

  write(fd: number, text: string): number {
    return this.call("sysWrite", fd, Buffer.from(text, "latin1"), text.length);
  }

  /** Names in a directory, in getdents order, "." and ".." included; small buffers, so that cursors are exercised. */
  list(path: string): string[] {
    const fd = this.call("sysOpen", path, 0, 0);
    if (fd < 0) throw new Error(`open ${path}: ${fd}`);
    const names: string[] = [];
    for (;;) {
      const buffer = this.buffer(64);
      const got = this.call("sysGetdents64", fd, buffer, 64);
      if (got < 0) throw new Error(`getdents64 ${path}: ${got}`);
      if (got === 0) break;
      names.push(...namesIn(this.bytes(buffer, got)));
    }
    this.call("sysClose", fd);
    return names;
  }

  /** Whole contents of a file. */
  contents(path: string): string {
    const fd = this.call("sysOpen", path, 0, 0);
    if (fd < 0) throw new Error(`open ${path}: ${fd}`);
    let text = "";
    for (let part = this.read(fd, 4096); part !== ""; part = this.read(fd, 4096)) text += part;
    this.call("sysClose", fd);
    return text;
  }

  /** The link's target, or a negated errno. */
  readLink(path: string): string | number {
    const buffer = this.buffer(4096);
    const got = this.call("sysReadlink", path, buffer, 4096);
    return got < 0 ? got : Buffer.from(this.bytes(buffer, got)).toString("latin1");
  }

  /** Fields of struct stat64, or the negated errno. */
  stat(path: string, call = "sysLstat64"): { mode: number; links: number; size: number; blocks: number; inode: number } | number {
    const buffer = this.buffer(96);
    const failed = this.call(call, path, buffer);
    if (failed !== 0) return failed;
    const view = new DataView(this.bytes(buffer, 96).buffer);
    const word = (offset: number): number => view.getUint32(offset, true);
    return { mode: word(16), links: word(20), size: word(44), blocks: word(56), inode: word(88) };
  }

  /** Types on the console, as the line's interrupt handler sees it. */
  type(text: string): void {
    this.line.waiting.push(...Buffer.from(text, "latin1"));
    this.number("serialInterrupt");
  }

  private memory(): Uint8Array {
    if (this.exports === undefined) throw new Error("the kernel under test has not started");
    return new Uint8Array(this.exports.memory.buffer);
  }

  private place(value: string | Uint8Array): number {
    const bytes = typeof value === "string" ? Buffer.from(`${value}\0`, "latin1") : value;
    const address = this.next;
    this.poke(address, bytes);
    this.next += (bytes.length + 15) & ~15;
    return address;
  }

  /** One tick a nanosecond: shift 0, multiplier as near to 2^32 as it gets. */
  private startClock(): void {
    const view = new DataView(this.memory().buffer);
    view.setInt32(SHARED_PAGE + 36, 1, true);
    view.setUint32(SHARED_PAGE + 56, 0x8000_0000, true);
  }

  private userCopyString(to: number, from: number, limit: number): number {
    const memory = this.memory();
    for (let at = 0; at < limit; at++) {
      const byte = memory[from + at] ?? 0;
      memory[to + at] = byte;
      if (byte === 0) return at;
    }
    return limit;
  }

  private mocks(): Record<string, Record<string, (...parameters: never[]) => unknown>> {
    const sleep = (): never => {
      throw new Error("the task would sleep");
    };
    const faults = (address: number): boolean => (address & ~0xfff) === UNMAPPED;
    return {
      x86: {
        readTimeStamp: () => this.time,
        volatileLoad8: (address: number) => this.memory()[address >>> 0] ?? 0,
        volatileLoad32: (address: number) => this.word(address),
        volatileStore32: (address: number, value: number) => this.setWord(address, value),
        cpuid: () => undefined,
      },
      "mercury:vo": {
        saveFlags: () => 0x200,
        disableInterrupts: () => undefined,
        restoreFlags: () => undefined,
        in8: (port: number) => this.line.read(port),
        out8: (port: number, value: number) => this.line.write(port, value & 0xff),
        setKernelStack: () => undefined,
        idle: sleep,
      },
      "mercury:switch": {
        requestSwitch: (target: number) => {
          this.requests.push(target);
          return this.answer;
        },
        requestAudit: () => this.answer,
        strategyName: (strategy: number) => this.place(strategies[strategy] ?? "unknown"),
      },
      asm: {
        userCopy: (to: number, from: number, bytes: number) => {
          if (bytes !== 0 && (faults(to) || faults(from))) return -14;
          this.memory().copyWithin(to >>> 0, from >>> 0, (from >>> 0) + bytes);
          return 0;
        },
        userFill: (to: number, value: number, bytes: number) => {
          this.memory().fill(value, to >>> 0, (to >>> 0) + bytes);
          return 0;
        },
        userStore: (to: number, value: number) => {
          this.setWord(to, value);
          return 0;
        },
        userCopyString: (to: number, from: number, limit: number) =>
          faults(from) ? -14 : this.userCopyString(to >>> 0, from >>> 0, limit >>> 0),
        switchStacks: sleep,
        contextSwitch: sleep,
      },
    };
  }

  private word(address: number): number {
    return new DataView(this.memory().buffer).getUint32(address >>> 0, true);
  }

  private setWord(address: number, value: number): void {
    new DataView(this.memory().buffer).setUint32(address >>> 0, value, true);
  }
}

/** Names in a buffer that getdents64 filled. */
function namesIn(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const names: string[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 16, true)) {
    const name = bytes.subarray(at + 19);
    names.push(Buffer.from(name.subarray(0, name.indexOf(0))).toString("latin1"));
  }
  return names;
}
