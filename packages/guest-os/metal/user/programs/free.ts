/** free: memory in kilobytes, from /proc/meminfo. */
import { cstr } from "@mercury/toolchain/metal";
import { O_RDONLY } from "../../linux/files";
import { Arguments } from "../lib/args";
import { complain } from "../lib/errors";
import { readLines } from "../lib/lines";
import { put, putByte, putPadded } from "../lib/print";
import { close, open } from "../lib/syscall";
import { isDigit, startsWith, toNumber } from "../lib/text";

export function free(list: Arguments): i32 {
  const fd = open(cstr`/proc/meminfo`, O_RDONLY, 0);
  if (fd < 0) return complain(cstr`free`, cstr`/proc/meminfo`, fd);
  let total: u32 = 0;
  let available: u32 = 0;
  const reader = readLines(fd);
  for (let line = reader.next(); line != 0; line = reader.next()) {
    if (startsWith(line, cstr`MemTotal:`)) total = kilobytes(line);
    else if (startsWith(line, cstr`MemFree:`)) available = kilobytes(line);
  }
  close(fd);
  put(cstr`           total       used       free\nMem:  `);
  putPadded(total, 10);
  putByte(0x20);
  putPadded(total - available, 10);
  putByte(0x20);
  putPadded(available, 10);
  putByte(0x0a);
  return 0;
}

function kilobytes(line: usize): u32 {
  while (load<u8>(line) != 0 && !isDigit(load<u8>(line))) line++;
  return toNumber(line);
}
