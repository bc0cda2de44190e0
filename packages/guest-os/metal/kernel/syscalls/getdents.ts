import { EBADF, EINVAL, ENOENT, ENOTDIR } from "@mercury/abi/metal";
import { DIRENT_INODE, DIRENT_LENGTH, DIRENT_NAME, DIRENT_OFFSET, DIRENT_TYPE, S_IFDIR, directoryEntryType } from "../../linux/files";
import { cstr } from "@mercury/toolchain/metal";
import { DirectoryEntry, Inode, isDirectory } from "../fs/inode";
import { parentOf } from "../fs/path";
import { FIRST_CURSOR } from "../fs/ramfs";
import { copyToUser } from "../mm/user-copy";
import { descriptorFile } from "./arguments";

const entry: DirectoryEntry = changetype<DirectoryEntry>(memory.data(offsetof<DirectoryEntry>(), 4));
/** One record: 19 bytes, a name of up to 255 and its NUL, padded to eight. */
const record: usize = memory.data(280, 8);

/** getdents64(2) */
export function sysGetdents64(fd: u32, buffer: u32, count: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  const directory = file.inode;
  if (!isDirectory(directory)) return -ENOTDIR;
  if (directory.links == 0) return -ENOENT;
  let done: u32 = 0;
  while (nextEntry(directory, file.position)) {
    const bytes = fillRecord();
    if (bytes > count - done) return done == 0 ? -EINVAL : <i32>done;
    const failed = copyToUser(buffer + done, record, bytes);
    if (failed != 0) return done == 0 ? failed : <i32>done;
    file.position = entry.next;
    done += bytes;
  }
  return <i32>done;
}

/** Fills `entry` with what stands at a position: the directory itself, its parent, then its names. */
function nextEntry(directory: Inode, position: u32): bool {
  if (position >= FIRST_CURSOR) return call_indirect<i32>(directory.operations.entry, directory, position, entry) == 1;
  entry.inode = position == 0 ? directory.number : parentOf(directory).number;
  entry.mode = S_IFDIR;
  entry.name = cstr`..`;
  entry.length = position + 1;
  entry.next = position + 1;
  return true;
}

/** Writes the record of `entry`: its bytes. */
function fillRecord(): u32 {
  const bytes = <u32>(DIRENT_NAME + entry.length + 1 + 7) & ~7;
  memory.fill(record, 0, bytes);
  store<u64>(record + DIRENT_INODE, <u64>entry.inode);
  store<u64>(record + DIRENT_OFFSET, <u64>entry.next);
  store<u16>(record + DIRENT_LENGTH, <u16>bytes);
  store<u8>(record + DIRENT_TYPE, <u8>directoryEntryType(entry.mode));
  memory.copy(record + DIRENT_NAME, entry.name, entry.length);
  return bytes;
}
