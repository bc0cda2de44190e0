import {
  GDT_TLS0, HYPERCALL_SET_TLS, TARGET_AUDIT, USER_IMAGE_BASE,
} from "@mercury/abi/metal";
import { cstr, hypercall, switchInterrupt } from "@mercury/toolchain/metal";
import { probeGates } from "./gates";
import { openConsole, powerOff } from "./machine";
import { probeMappings } from "./mappings";
import { probeReach } from "./reach";
import { endLine, print, printNumber } from "./report";
import { probeSelectors } from "./selectors";
import { probeTls } from "./tls";
import { loadOwnTraps } from "./trap-table";
import { USER_STACK_TOP, buildUserSpace, emptyZone } from "./user-space";

export { handleTrap } from "./traps";

/** Goes to ring 3 and comes back when the program says that it is done. */
// @ts-ignore: decorator
@external("asm", "enterUser") export declare function enterUser(eip: u32, esp: u32): void;

// Data of ring 3 (SDM 3A 3.4.5): flat and 4 GB long, and expand-down above its first page.
const FLAT_LOW: u32 = 0xffff;
const FLAT: u32 = 0x00cff200;
const DOWN: u32 = 0x00c0f600;

function setSlots(): void {
  hypercall(HYPERCALL_SET_TLS, 0, FLAT_LOW, FLAT);
  hypercall(HYPERCALL_SET_TLS, 1, 0, 0);
  hypercall(HYPERCALL_SET_TLS, 2, 0, DOWN);
}

function auditNow(): void {
  print(cstr`audit `);
  printNumber(<u32>switchInterrupt(TARGET_AUDIT));
  endLine();
}

/** The hostile kernel, in ring 1. */
export function main(): void {
  loadOwnTraps();
  openConsole();
  setSlots();
  emptyZone();
  buildUserSpace();
  probeSelectors();
  probeGates();
  probeReach((GDT_TLS0 << 3) | 3);
  probeTls();
  auditNow();
  enterUser(<u32>USER_IMAGE_BASE, USER_STACK_TOP);
  auditNow();
  probeMappings();
  auditNow();
  powerOff();
}
