import type { BaseAddress, FunctionDescription } from "./description.ts";

/** The chips that every board has, as Intel sold them with the 440FX (290549, 290550); the numbers are those of QEMU's `pc` machine. */
const intel = 0x8086;
const subsystem = { vendor: 0x1af4, device: 0x1100 } as const;

export const hostBridge: FunctionDescription = {
  name: "host bridge",
  vendor: intel,
  device: 0x1237,
  classCode: 0x060000,
  revision: 2,
  subsystem,
};

/** PIRQRC[A:D], the routing registers of the ISA bridge. */
export const routingRegister = 0x60;

export const isaBridge: FunctionDescription = {
  name: "isa bridge",
  vendor: intel,
  device: 0x7000,
  classCode: 0x060100,
  subsystem,
  multifunction: true,
  // Not routed at reset.
  registers: [{ offset: routingRegister, initial: [0x80, 0x80, 0x80, 0x80], writable: [0x8f, 0x8f, 0x8f, 0x8f] }],
};

/** IDETIM of both channels (290550, 40h to 43h): bit 15 decodes the channel's ports. */
export const ideTiming = 0x40;

export function ideController(busMaster: BaseAddress): FunctionDescription {
  return {
    name: "ide",
    vendor: intel,
    device: 0x7010,
    // Both channels at their legacy ports, and able to master the bus.
    classCode: 0x010180,
    subsystem,
    bars: [busMaster],
    registers: [{ offset: ideTiming, initial: [0, 0, 0, 0], writable: [0xff, 0xff, 0xff, 0xff] }],
  };
}

/** PMBASE and the bit that enables it (Intel 290562, PIIX4, function 3). */
export const powerBase = 0x40;
export const powerEnable = 0x80;

export const powerManagement: FunctionDescription = {
  name: "power management",
  vendor: intel,
  device: 0x7113,
  classCode: 0x068000,
  revision: 3,
  subsystem,
  pin: 1,
  registers: [
    { offset: powerBase, initial: [1, 0, 0, 0], writable: [0xc0, 0xff, 0, 0] },
    { offset: powerEnable, initial: [0], writable: [1] },
  ],
};
