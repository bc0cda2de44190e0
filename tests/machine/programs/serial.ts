import {
  al,
  ax,
  createAssembler,
  dx,
  eax,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  esp,
  type Assembler,
  linkImage,
  mem,
  mem8,
  multibootHeader,
  symbol,
  writeElf,
} from "@mercury/toolchain";

/** Ports of a PC that the program uses. */
const port = {
  com1: 0x3f8,
  com2: 0x2f8,
  com3: 0x3e8,
  debugExit: 0xf4,
  keyboardCommand: 0x64,
  /** PM1a control of QEMU's PC. */
  powerQemu: 0x604,
  /** Bochs switches off when it reads "Shutdown" here. */
  powerBochs: 0x8900,
} as const;

/** Registers of a 16550 by their distance from its base (PC16550D data sheet, table II). */
const uart = { data: 0, interruptEnable: 1, lineControl: 3, modemControl: 4, lineStatus: 5 } as const;
const lineStatus = { dataReady: 0x01, holdingEmpty: 0x20, transmitterEmpty: 0x40 } as const;

/** Multiboot information (Multiboot Specification 0.6.96, 3.3). */
const information = { commandLine: 16, moduleCount: 20, moduleList: 24 } as const;

/** What the program does with a byte that it receives, besides sending it back. */
export const keys = { powerOff: "Q", exit: "X", tripleFault: "T", reset: "R" } as const;

/** The exit code of `keys.exit`. */
export const exitCode = 7;

/** What the program sends on COM2 and COM3. */
export const second = "second port";
export const third = "third port";

/** 8 bits, no parity, 1 stop bit at 115,200 baud. */
function initialize(a: Assembler, base: number): void {
  const set = (register: number, value: number): void => {
    a.mov(dx, base + register);
    a.mov(al, value);
    a.out(dx, al);
  };
  set(uart.lineControl, 0x83);
  set(uart.data, 1);
  set(uart.interruptEnable, 0);
  set(uart.lineControl, 0x03);
  set(uart.modemControl, 0x03);
}

/** Waits until a bit of a line status register is set. */
function await_(a: Assembler, base: number, bit: number): void {
  const again = a.here();
  a.mov(dx, base + uart.lineStatus);
  a.in(al, dx);
  a.test(al, bit);
  a.je(again);
}

/** `putN`: sends the byte in CL. `printN`: sends the bytes from ESI up to a zero. */
function output(a: Assembler, name: string, base: number): void {
  a.procedure(`put${name}`);
  await_(a, base, lineStatus.holdingEmpty);
  a.mov(dx, base);
  a.mov(eax, ecx);
  a.out(dx, al);
  a.ret();

  a.procedure(`print${name}`);
  const [next, end] = [a.here(), a.label()];
  a.movzx(ecx, mem8(esi));
  a.test(ecx, ecx);
  a.je(end);
  a.call(symbol(`put${name}`));
  a.inc(esi);
  a.jmp(next);
  a.bind(end);
  a.ret();
}

function powerOff(a: Assembler): void {
  a.procedure("powerOff");
  await_(a, port.com1, lineStatus.transmitterEmpty);
  a.mov(dx, port.powerQemu);
  a.mov(ax, 0x2000);
  a.out(dx, ax);
  a.mov(esi, symbol("shutdown"));
  a.mov(ecx, "Shutdown".length);
  a.mov(edx, port.powerBochs);
  a.rep().outsb();
  a.cli();
  a.hlt();
}

/** Sends the command line and every module, then each byte received, until one of `keys` comes. */
function main(a: Assembler): void {
  a.procedure("start");
  a.mov(esp, symbol("stackEnd"));
  for (const base of [port.com1, port.com2, port.com3]) initialize(a, base);
  a.mov(esi, symbol("greeting"));
  a.call(symbol("print1"));
  a.mov(esi, mem(ebx, information.commandLine));
  a.call(symbol("print1"));
  a.mov(esi, symbol("newline"));
  a.call(symbol("print1"));
  modules(a);
  for (const [name, text] of [
    ["2", "second"],
    ["3", "third"],
  ]) {
    a.mov(esi, symbol(text ?? ""));
    a.call(symbol(`print${name ?? ""}`));
  }
  a.jmp(symbol("echo"));
}

function modules(a: Assembler): void {
  const [next, end] = [a.label(), a.label()];
  a.mov(edi, mem(ebx, information.moduleList));
  a.mov(ebx, mem(ebx, information.moduleCount));
  a.bind(next);
  a.test(ebx, ebx);
  a.je(end);
  a.mov(esi, mem(edi));
  a.call(symbol("print1"));
  a.add(edi, 16);
  a.dec(ebx);
  a.jmp(next);
  a.bind(end);
}

function echo(a: Assembler): void {
  a.procedure("echo");
  const next = a.here();
  await_(a, port.com1, lineStatus.dataReady);
  a.mov(dx, port.com1);
  a.in(al, dx);
  a.movzx(ecx, al);
  a.call(symbol("put1"));
  for (const [key, target] of Object.entries(keys)) {
    a.cmp(ecx, target.charCodeAt(0));
    a.je(symbol(key));
  }
  a.jmp(next);

  a.procedure("exit");
  await_(a, port.com1, lineStatus.transmitterEmpty);
  a.mov(al, exitCode);
  a.out(port.debugExit, al);
  a.jmp(symbol("powerOff"));

  a.procedure("tripleFault");
  await_(a, port.com1, lineStatus.transmitterEmpty);
  a.lidt(mem(symbol("noTable")));
  a.ud2();

  a.procedure("reset");
  await_(a, port.com1, lineStatus.transmitterEmpty);
  a.mov(al, 0xfe);
  a.out(port.keyboardCommand, al);
  a.cli();
  a.hlt();
}

function data(a: Assembler): void {
  const text = (name: string, contents: string): void => {
    a.data(name);
    a.ascii(contents);
    a.data8(0);
  };
  text("greeting", "hello: ");
  text("newline", "\n");
  text("second", second);
  text("third", third);
  text("shutdown", "Shutdown");
  a.data("noTable");
  a.data32(0, 0);
  a.data("stack", { section: ".bss" });
  a.zero(4096);
  a.entry("stackEnd");
}

/** A multiboot program in ring 0 without paging or interrupts, which talks on three serial ports and ends in every way that there is. */
export function serialProgram(): Uint8Array {
  const a = createAssembler();
  multibootHeader(a);
  main(a);
  output(a, "1", port.com1);
  output(a, "2", port.com2);
  output(a, "3", port.com3);
  echo(a);
  powerOff(a);
  data(a);
  const spec = { name: "serial", program: null, textBase: 0x10_1000, dataBase: 0x10_4000, limit: null, loadOffset: 0, entry: "start" };
  return writeElf(linkImage({ ...spec, stubs: a.finish(), siteTable: false, blobs: [] }));
}
