/**
 * stress [SCALE] [PART...]: a load that checks itself. Every part runs in a process of its own, all at the same time; the exit status is 0 when not one byte and not one
 * event was lost. SCALE (default 1) multiplies the rounds.
 */
import { cstr } from "@mercury/toolchain/metal";
import { fileWrites } from "./files";
import { forks } from "./forks";
import { memoryPatterns } from "./memory";
import { nesting } from "./nesting";
import { pipes } from "./pipes";
import { signals } from "./signals";
import { timers } from "./timers";
import { Arguments } from "../../lib/args";
import { complain, usage } from "../../lib/errors";
import { discard, flush, put, putByte, putDecimal } from "../../lib/print";
import { exit, fork, waitFor } from "../../lib/syscall";
import { equal, isNumber, toNumber } from "../../lib/text";

const parts: u32 = 7;
const pids: usize = memory.data(4 * 8);
const status: usize = memory.data(4);

function partName(part: u32): usize {
  switch (part) {
    case 0: return cstr`forks`;
    case 1: return cstr`pipes`;
    case 2: return cstr`memory`;
    case 3: return cstr`files`;
    case 4: return cstr`timers`;
    case 5: return cstr`signals`;
    default: return cstr`nesting`;
  }
}

/** Rounds are chosen so that the parts last about as long as one another. */
function runPart(part: u32, scale: u32): bool {
  switch (part) {
    case 0: return forks(16 * scale);
    case 1: return pipes(16 * scale);
    case 2: return memoryPatterns(8 * scale);
    case 3: return fileWrites(24 * scale);
    case 4: return timers(20 * scale);
    case 5: return signals(10 * scale);
    default: return nesting(24 * scale);
  }
}

export function stress(list: Arguments): i32 {
  const scaled = list.count > 1 && isNumber(list.at(1));
  const scale: u32 = scaled ? toNumber(list.at(1)) : 1;
  if (scale == 0) return usage(cstr`stress [SCALE] [PART...]`);
  const chosen = choose(list, scaled ? 2 : 1);
  if (chosen == 0) return usage(cstr`stress [SCALE] [forks|pipes|memory|files|timers|signals|nesting]...`);
  for (let part: u32 = 0; part < parts; part++) if (chosen & (1 << part)) start(part, scale);
  let failures: u32 = 0;
  for (let part: u32 = 0; part < parts; part++) if (chosen & (1 << part) && !finish(part)) failures++;
  put(failures == 0 ? cstr`stress: nothing lost\n` : cstr`stress: FAILED\n`);
  return failures == 0 ? 0 : 1;
}

/** Bits of the parts named; all when none is; 0 when a name is unknown. */
function choose(list: Arguments, first: u32): u32 {
  if (first >= list.count) return (1 << parts) - 1;
  let chosen: u32 = 0;
  for (let index = first; index < list.count; index++) {
    let part: u32 = 0;
    while (part < parts && !equal(partName(part), list.at(index))) part++;
    if (part == parts) return 0;
    chosen |= 1 << part;
  }
  return chosen;
}

function start(part: u32, scale: u32): void {
  flush();
  const pid = fork();
  if (pid == 0) {
    discard();
    exit(runPart(part, scale) ? 0 : 1);
  }
  if (pid < 0) complain(cstr`stress`, cstr`fork`, pid);
  store<i32>(pids + (<usize>part << 2), pid);
}

function finish(part: u32): bool {
  const pid = load<i32>(pids + (<usize>part << 2));
  const good = pid > 0 && waitFor(pid, status, 0) == pid && load<u32>(status) == 0;
  put(cstr`stress: `);
  put(partName(part));
  if (good) put(cstr` ok\n`);
  else {
    put(cstr` failed, status `);
    putDecimal(load<u32>(status));
    putByte(0x0a);
  }
  flush();
  return good;
}
