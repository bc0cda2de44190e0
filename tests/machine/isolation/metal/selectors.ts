import { GUEST_END } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { context, outcome, probeQuery, probeSegment, probeTransfer, NONE } from "./context";
import { CS, REGISTERS, TRANSFERS, isTls, mayLoad, mayQuery, mayTransfer } from "./oracle";
import { finish, judge } from "./report";
import { ring } from "./ring";

/** All 8,192 entries of both tables with every RPL. */
const SELECTORS: u32 = 0x10000;
const QUERIES: u32 = 4;
const LSL: u32 = 1;

/** Every selector into every segment register. */
function segmentRegisters(): void {
  for (let register: u32 = 0; register < REGISTERS; register++) {
    if (register == CS) continue;
    for (let selector: u32 = 0; selector < SELECTORS; selector++) {
      const vector = outcome(probeSegment(selector, register));
      judge(vector == NONE, mayLoad(selector, register), register, selector, vector);
    }
  }
  finish(cstr`segment registers`);
}

/** LAR, LSL, VERR and VERW see no descriptor of ring 0; LSL shows no segment that reaches the hole but the TLS slots. */
function queries(): void {
  for (let query: u32 = 0; query < QUERIES; query++) {
    for (let selector: u32 = 0; selector < SELECTORS; selector++) {
      const seen = probeQuery(selector, query) != 0;
      const reaches = seen && query == LSL && !isTls(selector) && context().value >= <u32>GUEST_END;
      judge(seen, mayQuery(selector, query) && !reaches, query, selector, NONE);
    }
  }
  finish(cstr`lar, lsl, verr, verw`);
}

/** JMP, CALL, RET and IRET to every selector: none ends in an inner ring. */
function transfers(): void {
  for (let kind: u32 = 0; kind < TRANSFERS; kind++) {
    for (let selector: u32 = 0; selector < SELECTORS; selector++) {
      const vector = outcome(probeTransfer(selector, kind));
      judge(landed(vector), mayTransfer(selector, kind), kind, selector, vector);
    }
  }
  finish(cstr`far transfers`);
}

/**
 * A transfer within the ring reads CS where it lands; one to ring 3 ends in a fault there, as the kernel's text is not the user's. Landing in an inner
 * ring shows as a transfer that nobody allows.
 */
function landed(vector: u32): bool {
  return vector == NONE ? (context().value & 3) <= ring() : (context().selector & 3) > ring();
}

export function probeSelectors(): void {
  segmentRegisters();
  queries();
  transfers();
}
