import { sharedFields, vectors } from "@mercury/abi";
import { through, mem8, mem32, type Memory } from "@mercury/toolchain";

/** Vector of INT for a hypercall. */
export const hypercallVector: number = vectors.hypercall;

/** IF in the second byte of a flags word (SDM 1 3.4.3). */
export const interruptBit = 2;

// Through SS, which is the kernel's flat segment at all times; on the way out of a trap DS holds the user's selector already.

/** The byte of the virtual interrupt flag that holds IF. */
export const virtualFlag: Memory = through("ss", mem8(sharedFields.virtualInterruptFlag + 1));
export const pendingEvents: Memory = through("ss", mem32(sharedFields.pendingEvents));
