import { VECTOR_HYPERCALL } from "@mercury/abi/metal";
import { flagThunkCount, flagThunkStarts, flagThunksEnd, flagThunksStart, hypercallThunksEnd, hypercallThunksStart } from "../domains/facts";

/** INT imm8 (SDM 2A INT n) with the hypercall's vector, as a word in memory. */
const HYPERCALL_BYTES: u32 = 0xcd | (VECTOR_HYPERCALL << 8);

/** In a thunk that may be begun again (design: "Flag thunks"). */
export function isInFlagThunk(eip: u32): bool {
  return eip - flagThunksStart < flagThunksEnd - flagThunksStart;
}

/** Start of the flag thunk that holds an address: the last start that is not above it. */
export function flagThunkStart(eip: u32): u32 {
  let start = flagThunksStart;
  for (let index: u32 = 0; index < flagThunkCount; index++) {
    const candidate = load<u32>(<usize>(flagThunkStarts + (index << 2)));
    if (candidate > eip) break;
    start = candidate;
  }
  return start;
}

/** In a thunk on its way to a hypercall. Once INT has been executed the rest works in either mode, and events are taken again. */
export function isBeforeHypercall(eip: u32): bool {
  if (eip - hypercallThunksStart >= hypercallThunksEnd - hypercallThunksStart) return false;
  return eip == hypercallThunksStart || load<u16>(<usize>(eip - 2)) != HYPERCALL_BYTES;
}
