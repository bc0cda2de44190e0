import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../clock/manual.ts";
import { LocalApic } from "./local-apic.ts";
import { register } from "./local-apic-registers.ts";

const MASKED = 0x1_0000;
const PERIODIC = 0x2_0000;

let clock: ManualClock;
let interrupt = false;
let nmis = 0;
let inits = 0;
let ended: number[] = [];
let apic: LocalApic;

const write = (offset: number, value: number): void => apic.write(offset, 4, value);
const read = (offset: number): number => apic.read(offset, 4);
const request = (vector: number, levelTriggered = false): boolean =>
  apic.accept({ vector, mode: 0, destination: 0, logical: false, levelTriggered });

beforeEach(() => {
  clock = new ManualClock();
  interrupt = false;
  nmis = 0;
  inits = 0;
  ended = [];
  apic = new LocalApic(clock, {
    interrupt: (level) => (interrupt = level),
    nmi: () => void nmis++,
    init: () => void inits++,
    endOfLevel: (vector) => ended.push(vector),
  });
  apic.reset();
  write(register.spurious, 0x1ff);
});

describe("requests", () => {
  test("are served by priority, and wait for what is in service", () => {
    request(0x31);
    request(0x52);
    request(0x41);
    expect(interrupt).toBe(true);
    expect(apic.acknowledge()).toBe(0x52);
    expect(interrupt).toBe(false);
    expect(read(register.inService + 0x20)).toBe(1 << 0x12);
    expect(read(register.request + 0x10)).toBe(1 << 0x11);
    expect(read(register.processorPriority)).toBe(0x50);
    write(register.endOfInterrupt, 0);
    expect(apic.acknowledge()).toBe(0x41);
    request(0x4f);
    expect(interrupt).toBe(false);
    write(register.endOfInterrupt, 0);
    expect(apic.acknowledge()).toBe(0x4f);
  });

  test("wait for the task priority, by classes of sixteen", () => {
    write(register.taskPriority, 0x50);
    request(0x5f);
    expect(interrupt).toBe(false);
    request(0x60);
    expect(interrupt).toBe(true);
    write(register.taskPriority, 0x60);
    expect(interrupt).toBe(false);
    expect(apic.acknowledge()).toBe(0xff);
    write(register.taskPriority, 0);
    expect(apic.acknowledge()).toBe(0x60);
  });

  test("level-triggered ones tell the I/O APIC of their end, edges do not", () => {
    request(0x40, true);
    request(0x50);
    apic.acknowledge();
    write(register.endOfInterrupt, 0);
    expect(ended).toEqual([]);
    apic.acknowledge();
    expect(read(register.triggerMode + 0x20)).toBe(1);
    write(register.endOfInterrupt, 0);
    expect(ended).toEqual([0x40]);
  });

  test("are refused while software has disabled the APIC, and then every LVT entry is masked", () => {
    write(register.localVectors, 0x40);
    write(register.spurious, 0xff);
    expect(request(0x40)).toBe(false);
    write(register.localVectors, 0x40);
    expect(read(register.localVectors)).toBe(MASKED | 0x40);
  });

  test("vectors below 16 are an error, which writing ESR brings to light and which has an interrupt", () => {
    write(register.localVectors + 0x50, 0x70);
    expect(request(0x0f)).toBe(false);
    expect(apic.acknowledge()).toBe(0x70);
    expect(read(register.errorStatus)).toBe(0);
    write(register.errorStatus, 0);
    expect(read(register.errorStatus)).toBe(0x40);
    write(register.errorStatus, 0);
    expect(read(register.errorStatus)).toBe(0);
  });
});

describe("destinations", () => {
  const reaches = (destination: number, logical: boolean): boolean => {
    const taken = apic.accept({ vector: 0x40, mode: 0, destination, logical, levelTriggered: false });
    return taken;
  };

  test("physical: the ID or everybody", () => {
    write(register.id, 3 << 24);
    expect([reaches(3, false), reaches(0xff, false), reaches(0, false)]).toEqual([true, true, false]);
  });
  test("logical, flat model: a common bit", () => {
    write(register.logicalDestination, 0x02 << 24);
    expect([reaches(0x03, true), reaches(0x01, true)]).toEqual([true, false]);
  });
  test("logical, cluster model: the cluster and a common bit", () => {
    write(register.destinationFormat, 0);
    write(register.logicalDestination, 0x24 << 24);
    expect([reaches(0x24, true), reaches(0x14, true), reaches(0x28, true), reaches(0xf4, true)]).toEqual([true, false, false, true]);
  });
});

describe("the interrupt command register", () => {
  test("sends to itself by shorthand, by ID and by broadcast", () => {
    for (const [high, low] of [
      [0, 0x4_0045],
      [0, 0x0045],
      [0, 0x8_0045],
    ] as const) {
      write(register.commandHigh, high);
      write(register.commandLow, low);
      expect(apic.acknowledge()).toBe(0x45);
      write(register.endOfInterrupt, 0);
    }
  });
  test("sends nothing to all but itself", () => {
    write(register.commandLow, 0xc_0045);
    expect(interrupt).toBe(false);
  });
  test("sends NMI and INIT; de-asserting INIT does nothing", () => {
    write(register.commandLow, 0x400);
    write(register.commandLow, 0x8500);
    expect([nmis, inits]).toEqual([1, 0]);
    write(register.commandLow, 0x4500);
    expect(inits).toBe(1);
  });
  test("an illegal vector is an error and is not sent", () => {
    write(register.commandLow, 0x4_0005);
    write(register.errorStatus, 0);
    expect([interrupt, read(register.errorStatus)]).toEqual([false, 0x20]);
  });
});

describe("the timer", () => {
  test("counts down once, at a hundredth of a microsecond divided", () => {
    write(register.localVectors, 0x40);
    write(register.divide, 0x3);
    write(register.initialCount, 1000);
    clock.advance(80_000);
    expect([read(register.currentCount), interrupt]).toEqual([500, false]);
    clock.advance(79_999);
    expect(interrupt).toBe(false);
    clock.advance(1);
    expect([read(register.currentCount), apic.acknowledge()]).toEqual([0, 0x40]);
    write(register.endOfInterrupt, 0);
    clock.advance(1_000_000);
    expect(interrupt).toBe(false);
  });
  test("counts again and again when periodic, and its mask keeps it counting", () => {
    write(register.localVectors, PERIODIC | MASKED | 0x40);
    write(register.divide, 0xb);
    write(register.initialCount, 10_000);
    clock.advance(250_000);
    expect([read(register.currentCount), interrupt]).toEqual([5_000, false]);
    write(register.localVectors, PERIODIC | 0x40);
    for (let round = 0; round < 5; round++) {
      clock.advance(100_000);
      expect(apic.acknowledge()).toBe(0x40);
      write(register.endOfInterrupt, 0);
    }
  });
  test("stops when the initial count becomes 0", () => {
    write(register.localVectors, 0x40);
    write(register.initialCount, 100);
    write(register.initialCount, 0);
    clock.advance(1_000_000);
    expect([interrupt, read(register.currentCount)]).toEqual([false, 0]);
  });
  test("with the shortest period rings at a pace that a host can follow", () => {
    write(register.localVectors, PERIODIC | 0x40);
    write(register.divide, 0xb);
    write(register.initialCount, 1);
    let rings = 0;
    for (let step = 0; step < 1000; step++) {
      clock.advance(1_000);
      if (apic.acknowledge() === 0x40) rings++;
      write(register.endOfInterrupt, 0);
    }
    expect(rings).toBeGreaterThan(40);
    expect(rings).toBeLessThanOrEqual(50);
  });
});

describe("LINT0 and LINT1", () => {
  test("in virtual wire mode pass the 8259A's request and NMI", () => {
    apic.reset();
    apic.setVirtualWire();
    apic.setLint0(true);
    expect(interrupt).toBe(true);
    expect(apic.acknowledge()).toBeUndefined();
    apic.setLint0(false);
    expect(interrupt).toBe(false);
    apic.setLint1(true);
    apic.setLint1(true);
    expect(nmis).toBe(1);
  });
  test("pass nothing while masked", () => {
    apic.setLint0(true);
    apic.setLint1(true);
    expect([interrupt, nmis]).toEqual([false, 0]);
  });
  test("are INTR and NMI while IA32_APIC_BASE disables the APIC", () => {
    apic.setPresent(false);
    apic.setLint0(true);
    apic.setLint1(true);
    expect([interrupt, nmis, apic.acknowledge()]).toEqual([true, 1, undefined]);
    apic.setPresent(true);
    expect(interrupt).toBe(false);
  });
  test("can be ordinary interrupts, by level as well", () => {
    write(register.localVectors + 0x30, 0x8055);
    apic.setLint0(true);
    expect(apic.acknowledge()).toBe(0x55);
    expect(read(register.localVectors + 0x30)).toBe(0xc055);
    write(register.endOfInterrupt, 0);
    expect(apic.acknowledge()).toBe(0x55);
    apic.setLint0(false);
    write(register.endOfInterrupt, 0);
    expect(interrupt).toBe(false);
  });
});

test("registers that do not exist read 0 and are an error", () => {
  expect(read(0x3f0)).toBe(0);
  write(register.errorStatus, 0);
  expect(read(register.errorStatus)).toBe(0x80);
});

test("saved state goes on where it was, the timer too", () => {
  write(register.localVectors, 0x40);
  write(register.initialCount, 1000);
  request(0x80);
  const saved = apic.shape.check(structuredClone(apic.save()), "lapic");
  clock.advance(5_000);
  apic.reset();
  apic.restore(saved);
  expect(apic.acknowledge()).toBe(0x80);
  clock.advance(15_000);
  write(register.endOfInterrupt, 0);
  expect(apic.acknowledge()).toBe(0x40);
});
