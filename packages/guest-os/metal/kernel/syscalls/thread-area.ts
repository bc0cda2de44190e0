import { disableInterrupts, enableInterrupts } from "mercury:vo";
import { EFAULT, EINVAL, GDT_TLS0 } from "@mercury/abi/metal";
import { copyFromUser, copyToUser } from "../mm/user-copy";
import { loadTls } from "../sched/switch";
import { current } from "../sched/task";

/** Thread-local storage: three descriptors of each task, which its GS names. */

const scratch: usize = memory.data(16, 4);
const DESCRIPTOR_SIZE: usize = 16;
const TLS_COUNT: u32 = 3;
// Bits of user_desc's last word (arch/x86/include/uapi/asm/ldt.h).
const SEG_32BIT: u32 = 1 << 0;
const READ_EXEC_ONLY: u32 = 1 << 3;
const LIMIT_IN_PAGES: u32 = 1 << 4;
const SEG_NOT_PRESENT: u32 = 1 << 5;
const USEABLE: u32 = 1 << 6;
const CONTENTS: u32 = 3 << 1;

/** set_thread_area(2): entry number -1 asks for a free slot, whose number is written back. */
export function sysSetThreadArea(description: u32): i32 {
  if (copyFromUser(scratch, description, DESCRIPTOR_SIZE) != 0) return -EFAULT;
  const task = current();
  const entry = load<u32>(scratch) == ~0 ? freeTlsSlot(task.tls0, task.tls1, task.tls2) : load<u32>(scratch);
  const slot = entry - GDT_TLS0;
  if (slot >= TLS_COUNT) return -EINVAL;
  const flags = load<u32>(scratch + 12);
  // Data segments only: a code or expand-down segment has no use here, and a 16-bit one would be no thread's.
  if (!isEmpty(flags) && ((flags & CONTENTS) != 0 || (flags & SEG_32BIT) == 0)) return -EINVAL;
  const descriptor = isEmpty(flags) ? 0 : descriptorOf(load<u32>(scratch + 4), load<u32>(scratch + 8), flags);
  if (slot == 0) task.tls0 = descriptor;
  else if (slot == 1) task.tls1 = descriptor;
  else task.tls2 = descriptor;
  disableInterrupts();
  loadTls(task);
  enableInterrupts();
  store<u32>(scratch, entry);
  return copyToUser(description, scratch, 4);
}

function freeTlsSlot(tls0: u64, tls1: u64, tls2: u64): u32 {
  if (tls0 == 0) return GDT_TLS0;
  if (tls1 == 0) return GDT_TLS0 + 1;
  return tls2 == 0 ? GDT_TLS0 + 2 : ~0;
}

/** How user_desc says "clear this entry" (Linux: LDT_empty): base and limit are 0 as well, which a useless segment does not hurt. */
function isEmpty(flags: u32): bool {
  return (flags & (READ_EXEC_ONLY | SEG_NOT_PRESENT)) == (READ_EXEC_ONLY | SEG_NOT_PRESENT);
}

/** A DPL-3 data segment (SDM 3A 3.4.5): base in three pieces, limit in two. */
function descriptorOf(base: u32, limit: u32, flags: u32): u64 {
  const writable: u32 = (flags & READ_EXEC_ONLY) != 0 ? 0 : 1 << 9;
  const present: u32 = (flags & SEG_NOT_PRESENT) != 0 ? 0 : 1 << 15;
  const granular: u32 = (flags & LIMIT_IN_PAGES) != 0 ? 1 << 23 : 0;
  const available: u32 = (flags & USEABLE) != 0 ? 1 << 20 : 0;
  const fixed: u32 = (1 << 22) | (3 << 13) | (1 << 12) | (1 << 8);
  const high = (base & 0xff00_0000) | (limit & 0xf_0000) | ((base >> 16) & 0xff) | writable | present | granular | available | fixed;
  return (<u64>high << 32) | <u64>((base << 16) | (limit & 0xffff));
}
