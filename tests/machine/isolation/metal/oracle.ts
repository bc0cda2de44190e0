import {
  GDT_KERNEL_CODE, GDT_KERNEL_DATA, GDT_TLS0, GDT_TLS2, GDT_USER_CODE, GDT_USER_DATA,
} from "@mercury/abi/metal";
import { ring } from "./ring";

// What the design allows, by the numbers of the contract alone (abi/tables/selectors.ts) and the processor's rules (SDM 3A 5.5 to 5.8): nothing here
// asks the VMM or looks into its tables. The prober's TLS slots are: 0 flat and 4 GB long, 1 absent, 2 expand-down.

/** Numbers of the segment registers in MOV (SDM 2A table 2-2). */
export const ES: u32 = 0;
export const SS: u32 = 2;
export const GS: u32 = 5;
/** Registers that a probe loads: ES, SS, DS, FS, GS; CS is for transfers. */
export const REGISTERS: u32 = 6;
export const CS: u32 = 1;

/** No descriptor that rings 1 and 3 may see. */
const HIDDEN: u32 = 4;
const LOCAL: u32 = 4;

/** Privilege level of what a selector names. */
function levelOf(selector: u32): u32 {
  if ((selector & LOCAL) != 0) return HIDDEN;
  switch (selector >> 3) {
    case GDT_KERNEL_CODE:
    case GDT_KERNEL_DATA:
      return 1;
    case GDT_USER_CODE:
    case GDT_USER_DATA:
    case GDT_TLS0:
    case GDT_TLS2:
      return 3;
    default:
      return HIDDEN;
  }
}

export function isTls(selector: u32): bool {
  return selector >> 3 == GDT_TLS0 || selector >> 3 == GDT_TLS2;
}

function isCode(selector: u32): bool {
  return selector >> 3 == GDT_KERNEL_CODE || selector >> 3 == GDT_USER_CODE;
}

/** Null: the first four selectors. */
export function isNull(selector: u32): bool {
  return selector < 4;
}

/** Whether CPL and RPL may use a segment that is not conforming. */
export function mayUse(selector: u32): bool {
  const level = levelOf(selector);
  return level != HIDDEN && level >= ring() && level >= (selector & 3);
}

/** SDM 3A 5.6, 5.7; a null selector may be loaded, but not into SS. */
export function mayLoad(selector: u32, register: u32): bool {
  if (isNull(selector)) return register != SS;
  if (register != SS) return mayUse(selector);
  return levelOf(selector) == ring() && (selector & 3) == ring() && !isCode(selector);
}

/** LAR, LSL, VERR, VERW in this order. All code segments can be read, no data segment is read-only. */
export function mayQuery(selector: u32, query: u32): bool {
  return mayUse(selector) && (query != 3 || !isCode(selector));
}

/** Kinds of far transfers. */
export const JUMP: u32 = 0;
export const CALL: u32 = 1;
export const RETURN: u32 = 2;
export const TRANSFERS: u32 = 4;

/** Jumps and calls stay in their ring (SDM 3A 5.8.1); returns go there or to an outer one, which RPL names (SDM 2B RET, 2A IRET). */
export function mayTransfer(selector: u32, kind: u32): bool {
  if (!isCode(selector) || levelOf(selector) == HIDDEN) return false;
  if (kind < RETURN) return levelOf(selector) == ring() && (selector & 3) <= ring();
  return levelOf(selector) == (selector & 3) && (selector & 3) >= ring();
}
