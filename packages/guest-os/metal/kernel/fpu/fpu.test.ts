import { errno, vectors } from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const wasmPages = 0xb000 + 0x44;
/** Where the test, playing the program, has its stack. */
const userStack = 0x0a00_0000;
const imageSize = 512;
/** An FXSAVE image (SDM 2A, FXSAVE): offsets of fields, and of the registers. */
const at = { control: 0, status: 2, tags: 4, opcode: 6, instruction: 8, operand: 16, mxcsr: 24, mxcsrMask: 28, st: 32 } as const;
/** FNSAVE's image (SDM 1 figure 8-9) in the frame, and the FXSAVE image behind it. */
const legacy = { control: 0, status: 4, tags: 8, instruction: 12, selector: 16, operand: 20, st: 28, statusCopy: 108, fxsave: 112 } as const;
/** CPUID.1:EDX: FPU and TSC; SEP; MMX and FXSR; SSE and SSE2. */
const features = { pentium: 0x11, sysenter: 1 << 11, pentium2: 0x0180_0011, pentium4: 0x0780_0011 } as const;
const emulate = 4;

let fpu: MetalExports;
/** The machine: what CPUID tells, control registers, and the FPU's registers as FXSAVE shows them. */
let machine: { features: number; cr0: number; cr4: number; registers: Uint8Array; loads: number };

function call(name: string, ...parameters: number[]): number {
  const found = fpu[name];
  if (found === undefined) throw new Error(`metal/testing/fpu.ts exports no ${name}`);
  return Number(found(...parameters) ?? 0) >>> 0;
}

const bytes = (address: number, length: number): Uint8Array => new Uint8Array(fpu.memory.buffer, address >>> 0, length);
const view = (address: number, length = imageSize): DataView => new DataView(fpu.memory.buffer, address >>> 0, length);

function load(address: number): void {
  machine.registers = bytes(address, imageSize).slice();
  machine.loads++;
}

beforeEach(async () => {
  machine = { features: features.pentium4, cr0: 0x8001_0035, cr4: 0x90, registers: new Uint8Array(imageSize).fill(0xa5), loads: 0 };
  new DataView(machine.registers.buffer).setUint32(at.mxcsrMask, 0x2_ffff, true);
  const copy = (to: number, from: number, length: number): number => {
    if (to >>> 0 < 0x1000 || from >>> 0 < 0x1000) return -errno.EFAULT;
    bytes(to, length).set(bytes(from, length).slice());
    return 0;
  };
  fpu = await metal(
    "@mercury/guest-os/metal/testing/fpu",
    root,
    {
      x86: {
        cpuid: (_leaf: number, _subleaf: number, to: number) => view(to, 16).setUint32(12, machine.features, true),
        readCr0: () => machine.cr0,
        writeCr0: (value: number) => void (machine.cr0 = value >>> 0),
        readCr4: () => machine.cr4,
        writeCr4: (value: number) => void (machine.cr4 = value >>> 0),
      },
      asm: {
        // The last 48 bytes are not FXSAVE's.
        saveFpu: (to: number) => bytes(to, imageSize - 48).set(machine.registers.subarray(0, -48)),
        loadFpu: load,
        userCopy: copy,
      },
    },
    { pages: wasmPages },
  );
  call("setUp");
});

/** Switches on what the processor has. */
function boot(processor: number = features.pentium4): void {
  machine.features = processor;
  call("enableFpu");
  call("prepareFpuStates");
}

describe("the unit", () => {
  test.each([
    ["x87, MMX and SSE", features.pentium4, { cr0: 0x8001_0033, cr4: 0x690 }],
    ["x87 and MMX with FXSAVE", features.pentium2, { cr0: 0x8001_0033, cr4: 0x290 }],
    ["x87 alone, whose state the kernel does not keep", features.pentium, { cr0: 0x8001_0035, cr4: 0x90 }],
    ["nothing", 0x10, { cr0: 0x8001_0035, cr4: 0x90 }],
  ])("is switched on as far as it is there: %s", (_, processor, registers) => {
    boot(processor);
    expect(machine).toMatchObject(registers);
    expect(call("hasFpu")).toBe((machine.cr0 & emulate) === 0 ? 1 : 0);
  });

  test("is shown to programs where the kernel keeps its state, and SYSENTER never", () => {
    boot(features.pentium4 | features.sysenter);
    expect(call("programFeatures")).toBe(features.pentium4);
    boot(features.pentium | features.sysenter);
    expect(call("programFeatures")).toBe(0x10);
  });

  test("has the bits of MXCSR that its image names, and those of SDM 1 11.6.6 where it names none", () => {
    boot();
    expect(call("mxcsrMask")).toBe(0x2_ffff);
  });

  test("without a mask in its image has the first processors' bits", () => {
    machine.registers.fill(0);
    boot();
    expect(call("mxcsrMask")).toBe(0xffbf);
  });
});

/** Registers of which every byte tells whose they are. */
const own = (mark: number): Uint8Array => new Uint8Array(imageSize).fill(mark, 0, -48);

describe("tasks", () => {
  test("start with a program's first state, whatever the loader left", () => {
    boot();
    const state = view(call("createState", 0));
    expect([state.getUint16(at.control, true), state.getUint32(at.mxcsr, true)]).toEqual([0x37f, 0x1f80]);
    expect(bytes(state.byteOffset, imageSize).reduce((sum, byte) => sum + byte)).toBe(0x03 + 0x7f + 0x1f + 0x80);
  });

  test("have their own registers; the idle task between them changes nothing", () => {
    boot();
    const [idle, a, b] = [2, 0, 1];
    expect([call("createState", a) % 16, call("createState", b) % 16]).toEqual([0, 0]);
    machine.registers = own(0x11);
    call("switchTasks", a, b);
    expect(machine.registers[at.control]).toBe(0x7f);
    machine.registers = own(0x22);
    call("switchTasks", b, idle);
    call("switchTasks", idle, a);
    expect(machine.registers).toEqual(own(0x11));
    call("switchTasks", a, b);
    expect(machine.registers).toEqual(own(0x22));
  });

  test("give a child the registers of the instant", () => {
    boot();
    call("createState", 0);
    call("createState", 1);
    machine.registers = own(0x33);
    call("fork", 1);
    machine.registers = own(0x44);
    call("switchTasks", 0, 1);
    expect(machine.registers).toEqual(own(0x33));
  });

  test("have no state on a processor whose state is not kept, and nothing is executed for it", () => {
    boot(features.pentium);
    expect([call("createState", 0), call("signalStateAt", userStack)]).toEqual([0, 0]);
    call("switchTasks", 0, 1);
    call("resetFpu");
    call("loadSignalState", 0);
    expect(machine.loads).toBe(0);
  });
});

/** What a program may have in its registers: any bytes, with the fields that FXSAVE leaves 0. */
const images = fc.uint8Array({ minLength: imageSize, maxLength: imageSize }).map((image) => {
  for (const byte of [5, 14, 15, 22, 23]) image[byte] = 0;
  for (let register = 0; register < 8; register++) image.fill(0, at.st + register * 16 + 10, at.st + register * 16 + 16);
  image[7] = (image[7] ?? 0) & 7;
  const fields = new DataView(image.buffer, image.byteOffset);
  fields.setUint32(at.mxcsr, fields.getUint32(at.mxcsr, true) & 0xffff, true);
  fields.setUint32(at.mxcsrMask, 0x2_ffff, true);
  return image.fill(0, -48);
});

describe("a signal frame", () => {
  beforeEach(() => boot());
  const where = (): number => call("signalStateAt", userStack - 4);

  test("has room below the stack pointer, its FXSAVE image aligned", () => {
    expect(where() + call("placeSize")).toBeLessThanOrEqual(userStack - 4);
    expect((where() + legacy.fxsave) % 64).toBe(0);
  });

  test("brings every state back as it was", () => {
    fc.assert(
      fc.property(images, (image) => {
        machine.registers = image.slice();
        expect(call("storeSignalState", where())).toBe(0);
        machine.registers = own(0x55);
        expect(call("loadSignalState", where())).toBe(0);
        expect(machine.registers).toEqual(image);
      }),
    );
  });

  test("shows what FNSAVE would have stored", () => {
    const image = new DataView(machine.registers.fill(0).buffer);
    // TOP is 6: ST(0) is R6. R6 holds 1, R7 zero, R0 infinity, R1 a denormal; the rest is empty.
    image.setUint16(at.control, 0x27f, true);
    image.setUint16(at.status, (6 << 11) | 1, true);
    image.setUint16(at.tags, 0b1100_0011, true);
    image.setUint16(at.opcode, 0x5d8, true);
    image.setUint32(at.instruction, 0x0804_9000, true);
    image.setUint32(at.operand, 0x0a00_0010, true);
    image.setBigUint64(at.st, 1n << 63n, true);
    image.setUint16(at.st + 8, 0x3fff, true);
    image.setBigUint64(at.st + 32, 1n << 63n, true);
    image.setUint16(at.st + 40, 0x7fff, true);
    image.setBigUint64(at.st + 48, 5n, true);
    expect(call("storeSignalState", where())).toBe(0);
    const frame = view(where(), 624);
    const word = (offset: number): number => frame.getUint32(offset, true);
    expect([word(legacy.control), word(legacy.status)]).toEqual([0xffff_027f, 0xffff_3001]);
    // R7 zero (01), R6 valid (00), R1 and R0 special (10 10), the others empty (11).
    expect(word(legacy.tags)).toBe(0xffff_4ffa);
    expect([word(legacy.instruction), word(legacy.selector) >>> 16, word(legacy.operand)]).toEqual([0x0804_9000, 0x5d8, 0x0a00_0010]);
    expect([frame.getBigUint64(legacy.st, true), frame.getUint16(legacy.st + 8, true)]).toEqual([1n << 63n, 0x3fff]);
    expect(word(legacy.statusCopy)).toBe(0x3001);
  });

  test("holds nothing of another program's frame", () => {
    machine.registers = own(0x66);
    bytes(where(), 624).fill(0x77);
    call("loadSignalState", where());
    machine.registers = own(0);
    call("storeSignalState", where());
    expect(bytes(where() + 624 - 48, 48).every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    ["reserved bits of MXCSR are dropped", at.mxcsr, 0xffff_ffff, 0x2_ffff],
    ["what MXCSR can have stays", at.mxcsr, 0x2_7f80, 0x2_7f80],
  ])("that a program has changed cannot make the load fault: %s", (_, field, value, expected) => {
    call("storeSignalState", where());
    view(where() + legacy.fxsave).setUint32(field, value, true);
    call("loadSignalState", where());
    expect(new DataView(machine.registers.buffer).getUint32(field, true)).toBe(expected);
  });

  test("has x87 in its first part, when a program changes it there", () => {
    call("storeSignalState", where());
    view(where()).setUint32(legacy.control, 0xffff_0f7f, true);
    view(where()).setUint32(legacy.tags, 0xffff_ffff, true);
    call("loadSignalState", where());
    const loaded = new DataView(machine.registers.buffer);
    expect([loaded.getUint16(at.control, true), loaded.getUint16(at.tags, true)]).toEqual([0xf7f, 0]);
  });

  test("without a state gives the first one, and out of reach changes nothing", () => {
    machine.registers = own(0x12);
    expect(call("loadSignalState", 16)).toBe(-errno.EFAULT >>> 0);
    expect(machine.registers).toEqual(own(0x12));
    expect(call("loadSignalState", 0)).toBe(0);
    expect(new DataView(machine.registers.buffer).getUint16(at.control, true)).toBe(0x37f);
  });
});

describe("an exception", () => {
  const [FPE_FLTDIV, FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES, FPE_FLTINV, FPE_FLTUNK] = [3, 4, 5, 6, 7, 14];

  test.each([
    ["invalid operation before all", 0x3f, FPE_FLTINV],
    ["division by zero", 0x24, FPE_FLTDIV],
    ["overflow", 0x28, FPE_FLTOVF],
    ["underflow", 0x30, FPE_FLTUND],
    ["a denormal", 0x02, FPE_FLTUND],
    ["precision", 0x20, FPE_FLTRES],
    ["none at all", 0, FPE_FLTUNK],
  ])("has its code: %s", (_, flags, code) => {
    expect(call("codeOf", flags)).toBe(code);
  });

  test("counts where it is not masked, for x87 in the control word, for SSE in MXCSR", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff), (control, status, mxcsr) => {
        const state = view(call("placeAddress"));
        state.setUint16(at.control, control, true);
        state.setUint16(at.status, status, true);
        state.setUint32(at.mxcsr, mxcsr, true);
        expect(call("flagsOf", state.byteOffset, vectors.x87Error)).toBe(status & ~control & 0x3f);
        expect(call("flagsOf", state.byteOffset, vectors.simdError)).toBe(mxcsr & ~(mxcsr >> 7) & 0x3f);
      }),
    );
  });
});
