import { cstr } from "@mercury/toolchain/metal";
import { EFAULT, EINVAL, PAGE_SIZE } from "@mercury/abi/metal";
import { fillRandom } from "../dev/random";
import { lengthOf } from "../proc/arguments";
import { STACK_LIMIT } from "../mm/fault";
import { freeFrameCount, managedFrameCount } from "../mm/frames";
import { copyToUser } from "../mm/user-copy";
import { now } from "../sched/clock";
import { yieldProcessor } from "../sched/queue";
import { current, taskCount } from "../sched/task";

/** What a program asks about the system and itself. */

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

/** Real or effective, user or group: there is one user, number 0. */
export function sysGetIdentity(): i32 {
  return 0;
}
