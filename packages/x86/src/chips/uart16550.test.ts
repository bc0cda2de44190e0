import { beforeEach, describe, expect, test } from "vitest";
import { Uart16550 } from "./uart16550.ts";

let sent: number[];
let interrupt: boolean;
let uart: Uart16550;

beforeEach(() => {
  sent = [];
  interrupt = false;
  uart = new Uart16550(
    (level) => (interrupt = level),
    (byte) => sent.push(byte),
  );
});

/** FIFOs on with the given trigger, OUT2 set, the interrupts enabled. */
function enable(interrupts: number, fifoControl = 0x01): void {
  uart.write(2, 1, fifoControl);
  uart.write(4, 1, 0x0b);
  uart.write(1, 1, interrupts);
}

describe("16550A", () => {
  test("a byte written leaves; the transmitter is empty at once", () => {
    uart.write(0, 1, 0x41);
    expect(sent).toEqual([0x41]);
    expect(uart.read(5, 1)).toBe(0x60);
  });

  test("the divisor hides behind DLAB", () => {
    uart.write(3, 1, 0x83);
    uart.write(0, 1, 0x01);
    uart.write(1, 1, 0x02);
    expect([uart.read(0, 1), uart.read(1, 1)]).toEqual([1, 2]);
    uart.write(3, 1, 0x03);
    expect(sent).toEqual([]);
    expect(uart.read(1, 1)).toBe(0);
  });

  test("received bytes interrupt until they are read, in order, and none is lost when they come faster than they are read", () => {
    enable(0x01);
    const bytes = Array.from({ length: 100 }, (_, index) => index);
    uart.receive(bytes);
    expect(interrupt).toBe(true);
    const read: number[] = [];
    while ((uart.read(5, 1) & 1) !== 0) read.push(uart.read(0, 1));
    expect(read).toEqual(bytes);
    expect(interrupt).toBe(false);
  });

  test("fewer bytes than the trigger level are a time-out, as many are data", () => {
    enable(0x01, 0x41);
    uart.receive([1]);
    expect(uart.read(2, 1)).toBe(0xcc);
    uart.receive([2, 3, 4]);
    expect(uart.read(2, 1)).toBe(0xc4);
  });

  test("an empty transmitter interrupts once: reading the identification clears it, a write sets it again", () => {
    enable(0x02);
    expect(interrupt).toBe(true);
    expect(uart.read(2, 1)).toBe(0xc2);
    expect(interrupt).toBe(false);
    expect(uart.read(2, 1)).toBe(0xc1);
    uart.write(0, 1, 0x42);
    expect(interrupt).toBe(true);
  });

  test("without OUT2 no interrupt reaches the bus", () => {
    uart.write(1, 1, 0x01);
    uart.receive([1]);
    expect(interrupt).toBe(false);
    uart.write(4, 1, 0x0a);
    expect(interrupt).toBe(true);
  });

  test("loop-back returns bytes and modem outputs, and nothing leaves", () => {
    uart.write(4, 1, 0x1b);
    uart.write(0, 1, 0x55);
    expect(uart.read(0, 1)).toBe(0x55);
    expect(uart.read(6, 1) & 0xf0).toBe(0xb0);
    expect(sent).toEqual([]);
  });

  test("in loop-back the line is cut off: what comes meanwhile waits until it ends", () => {
    uart.write(4, 1, 0x10);
    uart.receive([1, 2, 3]);
    expect(uart.read(5, 1) & 1).toBe(0);
    uart.write(2, 1, 0x07);
    uart.write(4, 1, 0x0b);
    expect([uart.read(0, 1), uart.read(0, 1), uart.read(0, 1)]).toEqual([1, 2, 3]);
  });

  test("state survives save and restore, waiting bytes included", () => {
    enable(0x01);
    uart.receive(Array.from({ length: 20 }, (_, index) => index));
    const state = structuredClone(uart.save());
    uart.reset();
    uart.restore(state);
    expect(uart.waiting).toBe(20);
    expect(uart.read(0, 1)).toBe(0);
    expect(interrupt).toBe(true);
  });

  test("what is typed before a driver asks for it by RTS survives the driver's probing", () => {
    uart.receive([1, 2, 3]);
    uart.write(4, 1, 0x1a);
    uart.write(4, 1, 0x00);
    uart.write(2, 1, 0x07);
    expect([uart.read(5, 1) & 1, uart.read(0, 1)]).toEqual([0, 0]);
    enable(0x01);
    expect([uart.read(0, 1), uart.read(0, 1), uart.read(0, 1), uart.read(5, 1) & 1]).toEqual([1, 2, 3, 0]);
  });
});
