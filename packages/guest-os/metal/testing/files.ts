/** The kernel's file side for tests in Node: real allocators over the direct map, a task, and functions with plain parameters. */
import { PAGE_SIZE } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { addFrames, freeFrameCount, initializeFrames, linear, recordBytes } from "../kernel/mm/frames";
import { allocate } from "../kernel/mm/slab";
import { SIGNAL_ACTIONS_SIZE } from "../kernel/proc/signals";
import { TASK_RUNNING, Task, current, enlist, setCurrent, taskName } from "../kernel/sched/task";
import { newFileTable } from "../kernel/fs/table";
import { initializeFiles } from "../kernel/fs/start";
import { limitFilePages } from "../kernel/fs/pages";
import { root } from "../kernel/fs/path";
import { setWorkingDirectory } from "../kernel/fs/working-directory";

export { unpackArchive } from "../kernel/fs/cpio";
export { filePageCount } from "../kernel/fs/pages";
export { freeFrameCount } from "../kernel/mm/frames";
export { sysRead, sysReadv } from "../kernel/syscalls/read";
export { sysWrite, sysWritev } from "../kernel/syscalls/write";
export { sysClose, sysCreat, sysOpen, sysOpenat } from "../kernel/syscalls/open";
export { sysLlseek, sysLseek } from "../kernel/syscalls/seek";
export { sysFstat64, sysFstatat64, sysLstat64, sysStat64 } from "../kernel/syscalls/stat";
export { sysGetdents64 } from "../kernel/syscalls/getdents";
export { sysLink, sysMkdir, sysMknod, sysReadlink, sysRename, sysRmdir, sysSymlink, sysUnlink } from "../kernel/syscalls/names";
export { sysAccess, sysChmod, sysUmask } from "../kernel/syscalls/mode";
export { sysChdir, sysFchdir, sysGetcwd } from "../kernel/syscalls/directory";
export { sysDup, sysDup2, sysDup3, sysFcntl, sysIoctl, sysPipe, sysPipe2 } from "../kernel/syscalls/descriptor";
export { sysFtruncate, sysFtruncate64, sysTruncate64 } from "../kernel/syscalls/resize";
export { sysMount } from "../kernel/syscalls/mount";
export { sysPoll } from "../kernel/syscalls/poll";
export { sysSendfile64 } from "../kernel/syscalls/sendfile";
export { fillRandom, stirRandom } from "../kernel/dev/random";
export { serialInterrupt } from "../kernel/tty/device";
export { completeFiles } from "../kernel/fs/start";

/** Where the frames of the test's memory start: above the image and its shared page. */
const FIRST_FRAME: usize = 0x40_0000;

/** Empty root, a task of pid 1 that leads session 1, memory of `frames` frames, of which files may take `filePages`. */
export function setUp(frames: u32, filePages: u32): bool {
  const last = FIRST_FRAME / PAGE_SIZE + frames;
  initializeFrames(linear(FIRST_FRAME), <u32>last);
  const start = (FIRST_FRAME + recordBytes(<u32>last) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
  addFrames(start, last * PAGE_SIZE);
  if (!initializeFiles()) return false;
  limitFilePages(filePages);
  const task = changetype<Task>(allocate(offsetof<Task>()));
  task.pid = task.group = task.session = 1;
  task.actions = allocate(SIGNAL_ACTIONS_SIZE);
  task.files = newFileTable();
  task.umask = 0o022;
  task.state = TASK_RUNNING;
  memory.copy(taskName(task), cstr`test`, 5);
  setWorkingDirectory(task, root());
  enlist(task);
  setCurrent(task);
  return true;
}

/** Signals that wait for the task, as a set. */
export function pendingSignals(): u32 {
  return <u32>current().pending;
}

/** References to the root directory: one of its own, one for each directory below. */
export function rootReferences(): u32 {
  return root().references;
}
