import { EFAULT, EINVAL } from "@mercury/abi/metal";
import { POLLERR, POLLHUP, POLLNVAL, PollDescriptor } from "../../linux/files";
import { pollFile } from "../fs/file";
import { OPEN_MAX } from "../fs/table";
import { userBuffer } from "../fs/transfer";
import { copyFromUser, copyToUser } from "../mm/user-copy";
import { now } from "../sched/clock";
import { ERESTARTNOHAND, sleepOnAny } from "../sched/wait";
import { descriptorFile } from "./arguments";

const ELEMENT_SIZE: u32 = 8;
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
const NEVER: u64 = 0xffff_ffff_ffff_ffff;
const element: PollDescriptor = changetype<PollDescriptor>(memory.data(8, 4));

/** poll(2): a negative timeout, in milliseconds, waits for ever. */
export function sysPoll(fds: u32, count: u32, timeout: u32): i32 {
  if (count > OPEN_MAX) return -EINVAL;
  const refused = userBuffer(fds, count * ELEMENT_SIZE);
  if (refused != 0) return refused;
  const deadline = <i32>timeout < 0 ? NEVER : now() + <u64>timeout * NANOSECONDS_PER_MILLISECOND;
  while (true) {
    const ready = scan(fds, count);
    if (ready != 0 || timeout == 0 || now() >= deadline) return ready;
    if (sleepOnAny(deadline) != 0) return -ERESTARTNOHAND;
  }
}

/** Asks every file once: how many have something to say, or -EFAULT. */
function scan(fds: usize, count: u32): i32 {
  let ready: i32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const at = fds + index * ELEMENT_SIZE;
    if (copyFromUser(changetype<usize>(element), at, ELEMENT_SIZE) != 0) return -EFAULT;
    element.returned = <u16>askOne();
    if (element.returned != 0) ready++;
    if (copyToUser(at, changetype<usize>(element), ELEMENT_SIZE) != 0) return -EFAULT;
  }
  return ready;
}

function askOne(): u32 {
  if (element.fd < 0) return 0;
  const file = descriptorFile(<u32>element.fd);
  if (file === null) return POLLNVAL;
  return pollFile(file) & (<u32>element.events | POLLERR | POLLHUP);
}
