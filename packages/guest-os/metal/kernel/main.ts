import { acknowledgeLine, initializeLines, loadTraps, setKernelStack } from "mercury:vo";
import { strategyName } from "mercury:switch";
import { cstr, readTimeStamp } from "@mercury/toolchain/metal";
import { CHUNK_SIZE, LINE_COM1, LINE_TIMER, SHARED_PAGE, SharedPage, TRAP_ENTRY_SIZE } from "@mercury/abi/metal";
import { optionIs, optionValue } from "./boot/command-line";
import { blobAt, blobTotal } from "./boot/blobs";
import { memoryPlan } from "./boot/plan";
import { tellShuffle } from "./boot/shuffle";
import { addWhole } from "./boot/ranges";
import { kernelRecord } from "./boot/record";
import { bootStack, bootStackTop, trapTable, trapTableEnd } from "./boot/symbols";
import { initializePrint, print } from "./dev/print";
import { stirRandom } from "./dev/random";
import { unpackArchive } from "./fs/cpio";
import { completeFiles, initializeFiles } from "./fs/start";
import { linear } from "./mm/frames";
import { initializeMachine } from "./mm/machine";
import { createIdleTask } from "./proc/create";
import { createInit } from "./proc/init";
import { createKernelSpace, useKernelSpace } from "./proc/kernel-space";
import { measureTimeStamp, readWallClock } from "./sched/calibrate";
import { startClock } from "./sched/clock";
import { idleLoop } from "./sched/queue";
import { startTicks, timerInterrupt } from "./sched/tick";
import { installSystemCalls } from "./syscalls/table";
import { TrapFrame } from "./trap/frame";
import { setInterruptHandler } from "./trap/interrupts";
import { switchMode } from "./trap/mode-switch";
import { panic } from "./trap/panic";
import { serialInterrupt } from "./tty/device";

/** The kernel's start after the boot path, in ring 0 or ring 1: it does not ask which. Interrupts are off; does not return. */
export function kernelMain(): void {
  initializePrint();
  print(cstr`mercury: kernel\n`);
  tellShuffle();
  initializeMachine(<u32>((memoryPlan().kernelEnd + CHUNK_SIZE - 1) / CHUNK_SIZE));
  initializeLines();
  loadTraps(<u32>trapTable(), <u32>(trapTableEnd() - trapTable()) / TRAP_ENTRY_SIZE);
  if (!createIdleTask(bootStack())) panic(cstr`no memory for the first task`);
  setKernelStack(<u32>bootStackTop());
  installSystemCalls();
  startTime();
  if (!createKernelSpace()) panic(cstr`the table zone is too small`);
  useKernelSpace();
  startFiles();
  enterMode();
  if (!createInit()) panic(cstr`no memory for init`);
  idleLoop();
}

function startTime(): void {
  startClock(measureTimeStamp(), readWallClock());
  stirRandom(readTimeStamp());
  setInterruptHandler(LINE_TIMER, timerInterrupt.index, false);
  startTicks();
}

/** The root file system from the RAM disk and the loader's modules, whose memory is then free. */
function startFiles(): void {
  if (!initializeFiles()) panic(cstr`no memory for the root directory`);
  for (let index: u32 = 1; index < blobTotal(); index++) {
    const blob = blobAt(index);
    if (blob.end <= blob.start) continue;
    if (!unpackArchive(linear(blob.start), linear(blob.end))) print(cstr`mercury: a module is no cpio archive that can be unpacked\n`);
    addWhole(blob.start, blob.end);
  }
  completeFiles();
  setInterruptHandler(LINE_COM1, consoleInterrupt.index, true);
}

function consoleInterrupt(frame: TrapFrame): void {
  serialInterrupt();
  acknowledgeLine(LINE_COM1);
}

/** A mode that does not exist is told: a slip of the pen must not look like a choice. */
function tellUnknownMode(): void {
  if (optionValue(cstr`mode`) == 0) return;
  if (optionIs(cstr`mode`, cstr`native`) || optionIs(cstr`mode`, cstr`virtual`) || optionIs(cstr`mode`, cstr`always-on`)) return;
  print(cstr`mercury: mode= on the command line is native, virtual or always-on; going on natively\n`);
}

/** The same for a strategy of the switch. */
function tellUnknownStrategy(): void {
  if (optionValue(cstr`switch`) == 0 || optionIs(cstr`switch`, strategyName(kernelRecord().strategy))) return;
  print(cstr`mercury: switch= on the command line is no strategy of this switch; it uses `);
  print(strategyName(kernelRecord().strategy));
  print(cstr`\n`);
}

/** `mode=virtual`: attached before the first program. A refusal is told, and the system goes on natively. */
function enterMode(): void {
  tellUnknownMode();
  tellUnknownStrategy();
  if (!optionIs(cstr`mode`, cstr`virtual`) || changetype<SharedPage>(SHARED_PAGE).mode != 0) return;
  if (switchMode(1) != 0) print(cstr`mercury: the VMM did not attach; see /proc/mercury/last\n`);
}
