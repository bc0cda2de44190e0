import { beforeEach, describe, expect, test } from "vitest";
import { Pic8259 } from "./pic8259.ts";

let interrupt = false;
let slave: Pic8259;
let master: Pic8259;

/** The pair of a PC, initialised to vectors 20h and 28h, nothing masked. */
beforeEach(() => {
  interrupt = false;
  slave = new Pic8259((level) => master.setInput(2, level));
  master = new Pic8259(
    (level) => (interrupt = level),
    (input) => (input === 2 ? slave : undefined),
  );
  initialise(master, 0x20, 4);
  initialise(slave, 0x28, 2);
});

function initialise(pic: Pic8259, base: number, cascade: number, icw4 = 0x01): void {
  pic.write(0, 1, 0x11);
  pic.write(1, 1, base);
  pic.write(1, 1, cascade);
  pic.write(1, 1, icw4);
}

function pulse(pic: Pic8259, input: number): void {
  pic.setInput(input, true);
  pic.setInput(input, false);
}

describe("8259A", () => {
  test("an edge raises INT, the acknowledgement gives the vector, EOI ends it", () => {
    master.setInput(4, true);
    expect(interrupt).toBe(true);
    expect(master.acknowledge()).toBe(0x24);
    expect(interrupt).toBe(false);
    master.write(0, 1, 0x0b);
    expect(master.read(0, 1)).toBe(0x10);
    master.write(0, 1, 0x20);
    expect(master.read(0, 1)).toBe(0);
    expect(interrupt).toBe(false);
  });

  test("a lower input waits until the higher one ends; a higher one does not", () => {
    master.setInput(4, true);
    expect(master.acknowledge()).toBe(0x24);
    master.setInput(6, true);
    expect(interrupt).toBe(false);
    master.setInput(1, true);
    expect(interrupt).toBe(true);
    expect(master.acknowledge()).toBe(0x21);
    master.write(0, 1, 0x20);
    expect(interrupt).toBe(false);
    master.write(0, 1, 0x20);
    expect(master.acknowledge()).toBe(0x26);
  });

  test("a request whose pin falls before the acknowledgement is spurious: vector 7, nothing in service", () => {
    pulse(master, 3);
    expect(interrupt).toBe(false);
    expect(master.acknowledge()).toBe(0x27);
    master.write(0, 1, 0x0b);
    expect(master.read(0, 1)).toBe(0);
  });

  test("the slave's vector comes through the master, and a second request of the slave after it is not lost", () => {
    slave.setInput(0, true);
    slave.setInput(1, true);
    expect(master.acknowledge()).toBe(0x28);
    slave.write(0, 1, 0x20);
    master.write(0, 1, 0x20);
    expect(interrupt).toBe(true);
    expect(master.acknowledge()).toBe(0x29);
  });

  test("a masked request waits for the mask to go", () => {
    master.write(1, 1, 0x10);
    master.setInput(4, true);
    expect(interrupt).toBe(false);
    master.write(1, 1, 0);
    expect(interrupt).toBe(true);
  });

  test("a level-triggered input asks again after EOI while its pin is up", () => {
    master.levelTriggered = 0x20;
    master.setInput(5, true);
    expect(master.acknowledge()).toBe(0x25);
    master.write(0, 1, 0x20);
    expect(interrupt).toBe(true);
    master.setInput(5, false);
    expect(interrupt).toBe(false);
  });

  test("automatic EOI leaves nothing in service", () => {
    initialise(master, 0x20, 4, 0x03);
    master.setInput(0, true);
    expect(master.acknowledge()).toBe(0x20);
    master.write(0, 1, 0x0b);
    expect(master.read(0, 1)).toBe(0);
  });

  test("rotation on a specific EOI makes that input the lowest", () => {
    master.setInput(3, true);
    expect(master.acknowledge()).toBe(0x23);
    master.write(0, 1, 0xe3);
    master.setInput(3, false);
    master.setInput(3, true);
    master.setInput(7, true);
    expect(master.acknowledge()).toBe(0x27);
  });

  test("a poll acknowledges without a vector", () => {
    master.setInput(6, true);
    master.write(0, 1, 0x0c);
    expect(master.read(0, 1)).toBe(0x86);
    expect(interrupt).toBe(false);
  });

  test("state survives save and restore", () => {
    master.setInput(4, true);
    const state = structuredClone(master.save());
    expect(master.acknowledge()).toBe(0x24);
    master.restore(state);
    expect(interrupt).toBe(true);
    expect(master.acknowledge()).toBe(0x24);
  });
});
