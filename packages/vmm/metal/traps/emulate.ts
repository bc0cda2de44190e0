import { VmmFrame } from "@mercury/abi/metal";
import { clearTaskSwitched, readCr0, readCr2, readCr4 } from "@mercury/toolchain/metal";
import { currentDirectory, stats } from "../domains/first";
import { INTERRUPT_FLAG, setVirtualFlag } from "../events/virtual-flag";
import { isOwnData } from "../frames/chunks";

const LONGEST: u32 = 4;
// Opcodes (SDM 2A, 2B).
const CLI: u32 = 0xfa;
const STI: u32 = 0xfb;
const TWO_BYTES: u32 = 0x0f;
const CLTS: u32 = 0x06;
const WBINVD: u32 = 0x09;
const READ_CONTROL: u32 = 0x20;

/**
 * Privileged instructions that ring 1 may well mean (an image built by others, a site that the check missed) and that harm nobody:
 * interrupt flag, clts, wbinvd, reads of control registers. False for all others: the kernel gets its #GP.
 */
export function emulate(frame: VmmFrame): bool {
  if (!isOwnData(frame.eip, LONGEST)) return false;
  const length = execute(frame, <usize>frame.eip);
  if (length == 0) return false;
  frame.eip += length;
  stats().emulated++;
  return true;
}

/** Bytes of the instruction, or 0. */
function execute(frame: VmmFrame, at: usize): u32 {
  const opcode = load<u8>(at);
  if (opcode == CLI) {
    setVirtualFlag(0);
    return 1;
  }
  if (opcode == STI) {
    setVirtualFlag(INTERRUPT_FLAG);
    return 1;
  }
  return opcode == TWO_BYTES ? executeTwoBytes(frame, load<u8>(at, 1), load<u8>(at, 2)) : 0;
}

function executeTwoBytes(frame: VmmFrame, opcode: u32, modrm: u32): u32 {
  if (opcode == CLTS) {
    clearTaskSwitched();
    return 2;
  }
  // One CPU, and caches are coherent with its devices: there is nothing to write back.
  if (opcode == WBINVD) return 2;
  if (opcode != READ_CONTROL || modrm >> 6 != 3) return 0;
  return readControl(frame, (modrm >> 3) & 7, modrm & 7) ? 3 : 0;
}

function readControl(frame: VmmFrame, control: u32, register: u32): bool {
  if (control == 0) setRegister(frame, register, readCr0());
  else if (control == 2) setRegister(frame, register, readCr2());
  else if (control == 3) setRegister(frame, register, currentDirectory);
  else if (control == 4) setRegister(frame, register, readCr4());
  else return false;
  return true;
}

/** General registers by number (SDM 2A table 2-2). */
function setRegister(frame: VmmFrame, register: u32, value: u32): void {
  switch (register) {
    case 0: frame.eax = value; break;
    case 1: frame.ecx = value; break;
    case 2: frame.edx = value; break;
    case 3: frame.ebx = value; break;
    case 4: frame.esp = value; break;
    case 5: frame.ebp = value; break;
    case 6: frame.esi = value; break;
    default: frame.edi = value; break;
  }
}
