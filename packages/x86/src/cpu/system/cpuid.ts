import { at } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { executeDisableHidden } from "./msr.ts";
import { brand, CPUID_SIGNATURE, featuresOf, MICROCODE_REVISION, NX, PHYSICAL_BITS } from "./features.ts";

/** EAX, EBX, ECX and EDX. */
type Leaf = readonly [number, number, number, number];

/** "GenuineIntel", because software reads the family number as Intel's. */
const vendor: Leaf = [2, 0x756e6547, 0x6c65746e, 0x49656e69];
/** Lines of 64 bytes, in units of 8 (SDM 2A figure 3-8). */
const CLFLUSH_LINE = 8 << 8;
/** Descriptors of TLBs and caches as a Pentium M of this stepping has them (SDM 2A table 3-12). */
const caches: Leaf = [0x02b3b001, 0xf0, 0, 0x2c04307d];
/** L2 cache: 2 MB, 8-way, lines of 64 bytes (SDM 2A table 3-8, leaf 80000006H). */
const L2 = 0x08006040;
const LAST_EXTENDED = 0x80000008 | 0;

/** 16 of the 48 characters of the brand string. */
function brandPart(part: number): Leaf {
  const word = (index: number): number =>
    [0, 1, 2, 3].reduce((value, byte) => value | ((brand.charCodeAt(part * 16 + index * 4 + byte) || 0) << (byte * 8)), 0);
  return [word(0), word(1), word(2), word(3)];
}

/** Leaf 1. Reading it puts the microcode's revision into its MSR (SDM 3A 9.11.7.1). */
function identity(core: Core): Leaf {
  core.state.set(at.microcode + 4, MICROCODE_REVISION);
  return [CPUID_SIGNATURE, CLFLUSH_LINE, 0, featuresOf(core)];
}

function leafOf(core: Core, number: number): Leaf {
  switch (number) {
    case 0:
      return vendor;
    case 1:
      return identity(core);
    case 0x80000000 | 0:
      return [LAST_EXTENDED, 0, 0, 0];
    case 0x80000001 | 0:
      return [0, 0, 0, executeDisableHidden(core) ? 0 : NX];
    case 0x80000002 | 0:
    case 0x80000003 | 0:
    case 0x80000004 | 0:
      return brandPart((number & 7) - 2);
    case 0x80000006 | 0:
      return [0, 0, L2, 0];
    case 0x80000008 | 0:
      return [PHYSICAL_BITS | (32 << 8), 0, 0, 0];
    case 0x80000005 | 0:
    case 0x80000007 | 0:
      return [0, 0, 0, 0];
    default:
      // Beyond the last leaf the highest basic one answers (SDM 2A "CPUID").
      return caches;
  }
}

export function identify(core: Core): void {
  const { state } = core;
  const [eax, ebx, ecx, edx] = leafOf(core, state.get(at.eax));
  state.set(at.eax, eax);
  state.set(at.ebx, ebx);
  state.set(at.ecx, ecx);
  state.set(at.edx, edx);
}
