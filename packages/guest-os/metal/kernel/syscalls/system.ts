import { disableInterrupts, enableInterrupts, idle, out16, out8 } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { EFAULT, EINVAL, GDT_TLS0, PAGE_SIZE } from "@mercury/abi/metal";
import { drainConsole } from "../dev/print";
import { fillRandom } from "../dev/random";
import { lengthOf } from "../proc/arguments";
import { STACK_LIMIT } from "../mm/fault";
import { freeFrameCount, managedFrameCount } from "../mm/frames";
import { copyFromUser, copyToUser } from "../mm/user-copy";
import { now } from "../sched/clock";
import { yieldProcessor } from "../sched/queue";
import { loadTls } from "../sched/switch";
import { current, taskCount } from "../sched/task";

/** What a program asks about the system, and the system's end. */

/** Bytes of each of the six strings of struct new_utsname. */
const NAME_FIELD: usize = 65;
const scratch: usize = memory.data(400, 8);

export function sysUname(to: u32): i32 {
  memory.fill(scratch, 0, NAME_FIELD * 6);
  nameField(0, cstr`Mercury`);
  nameField(1, cstr`mercury`);
  // glibc refuses to start below the release that it was built for (guest-abi: 3.2.0).
  nameField(2, cstr`5.10.0-mercury`);
  nameField(3, cstr`#1`);
  nameField(4, cstr`i686`);
  nameField(5, cstr`(none)`);
  return copyToUser(to, scratch, NAME_FIELD * 6);
}

function nameField(index: usize, text: usize): void {
  memory.copy(scratch + index * NAME_FIELD, text, lengthOf(text));
}

/** struct sysinfo (include/uapi/linux/sysinfo.h), 64 bytes on i386. */
export function sysSysinfo(to: u32): i32 {
  memory.fill(scratch, 0, 64);
  store<u32>(scratch, <u32>(now() / 1_000_000_000));
  store<u32>(scratch + 16, managedFrameCount() * <u32>PAGE_SIZE);
  store<u32>(scratch + 20, freeFrameCount() * <u32>PAGE_SIZE);
  store<u16>(scratch + 40, <u16>taskCount());
  store<u32>(scratch + 52, 1);
  return copyToUser(to, scratch, 64);
}

const RLIMIT_STACK: u32 = 3;
const RLIMIT_NOFILE: u32 = 7;
const RLIMIT_COUNT: u32 = 16;
const UNLIMITED: u32 = 0xffff_ffff;

/** Soft and hard limit: nobody can change them. */
export function sysUgetrlimit(resource: u32, limit: u32): i32 {
  if (resource >= RLIMIT_COUNT) return -EINVAL;
  const value: u32 = resource == RLIMIT_STACK ? <u32>STACK_LIMIT : resource == RLIMIT_NOFILE ? 1024 : UNLIMITED;
  store<u32>(scratch, value);
  store<u32>(scratch + 4, value);
  return copyToUser(limit, scratch, 8);
}

export function sysSchedYield(): i32 {
  yieldProcessor();
  return 0;
}

const RANDOM_PART: u32 = 256;

/** Bytes of the random device: the flags ask for sources that are all the same here. */
export function sysGetrandom(buffer: u32, count: u32, flags: u32): i32 {
  if ((flags & ~7) != 0) return -EINVAL;
  const wanted = min<u32>(count, 0x7fff_ffff);
  let done: u32 = 0;
  while (done < wanted) {
    const part = min<u32>(wanted - done, RANDOM_PART);
    fillRandom(scratch, part);
    if (copyToUser(buffer + done, scratch, part) != 0) return done != 0 ? done : -EFAULT;
    done += part;
  }
  return done;
}

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

// reboot(2) (include/uapi/linux/reboot.h).
const MAGIC1: u32 = 0xfee1_dead;
const MAGIC2: u32 = 672_274_793;
const RESTART: u32 = 0x0123_4567;
const POWER_OFF: u32 = 0x4321_fedc;
const HALT: u32 = 0xcdef_0123;
/** Ours: ends the machine with an exit code, which `argument` is. */
const EXIT: u32 = 0x4d45_5243;

export function sysReboot(magic1: u32, magic2: u32, command: u32, argument: u32): i32 {
  if (magic1 != MAGIC1 || magic2 != MAGIC2) return -EINVAL;
  if (command != RESTART && command != POWER_OFF && command != HALT && command != EXIT) return -EINVAL;
  disableInterrupts();
  drainConsole();
  if (command == RESTART) restart();
  if (command == EXIT && argument != 0) out8(0xf4, argument);
  if (command != HALT) powerOff();
  while (true) {
    idle();
    disableInterrupts();
  }
}

/** The keyboard controller pulls the reset line (IBM PC/AT). */
function restart(): void {
  out8(0x64, 0xfe);
}

/** ACPI PM1a sleep on QEMU's and our board, and the word that Bochs listens for. */
function powerOff(): void {
  out16(0x604, 0x2000);
  const word = cstr`Shutdown`;
  for (let at = word; load<u8>(at) != 0; at++) out8(0x8900, load<u8>(at));
}

/** Real or effective, user or group: there is one user, number 0. */
export function sysGetIdentity(): i32 {
  return 0;
}
