import { loadSpace, setKernelStack, setTls } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { switchFpu } from "../fpu/state";
import { machineOf } from "../mm/machine";
import { Space } from "../mm/space";
import { panic } from "../trap/panic";
import { KERNEL_STACK_SIZE, STACK_MARK, Task, setCurrent } from "./task";

/** From one task to another. Interrupts are off; flags are not part of what is switched. */

/** Saves the callee-saved registers and ESP of this task at `save`, takes those at `stackPointer` (stubs/context-switch.ts). */
// @ts-ignore: decorator
@external("asm", "switchStack") export declare function switchStack(save: usize, stackPointer: usize): void;
/** FS and GS of the running thread, FS in the low half. */
// @ts-ignore: decorator
@external("asm", "readUserSegments") export declare function readUserSegments(): u32;
/** Loads FS and GS; one whose descriptor is gone becomes null. */
// @ts-ignore: decorator
@external("asm", "loadUserSegments") export declare function loadUserSegments(fs: u32, gs: u32): void;

let loadedSpace: usize = 0;
let loadedTls0: u64 = 0;
let loadedTls1: u64 = 0;
let loadedTls2: u64 = 0;

export function switchTo(previous: Task, next: Task): void {
  if (load<u32>(previous.stack) != STACK_MARK) panic(cstr`a kernel stack has overflowed`);
  const segments = readUserSegments();
  previous.fs = segments & 0xffff;
  previous.gs = segments >> 16;
  setCurrent(next);
  setKernelStack(<u32>(next.stack + KERNEL_STACK_SIZE));
  const space = next.space;
  if (space !== null) useSpace(space);
  // A segment register keeps the descriptor that it was loaded with, so new descriptors need a reload of equal selectors too.
  const selectors = next.fs | (next.gs << 16);
  if (loadTls(next) ? (selectors | segments) != 0 : selectors != segments) loadUserSegments(next.fs, next.gs);
  switchFpu(previous, next);
  switchStack(changetype<usize>(previous), next.stackPointer);
}

/** Physical address of the directory that is loaded. */
export function loadedDirectory(): usize {
  return loadedSpace;
}

/** Makes a space the current one. A task without a space runs in whichever is loaded: all have the same kernel half. */
export function useSpace(space: Space): void {
  if (space.directory == loadedSpace) return;
  loadedSpace = space.directory;
  loadSpace(<u32>machineOf(space.directory));
}

/** Brings the task's thread-local storage into the descriptor table; whether anything changed. */
export function loadTls(task: Task): bool {
  if (task.tls0 == loadedTls0 && task.tls1 == loadedTls1 && task.tls2 == loadedTls2) return false;
  if (task.tls0 != loadedTls0) {
    loadedTls0 = task.tls0;
    setTls(0, <u32>loadedTls0, <u32>(loadedTls0 >> 32));
  }
  if (task.tls1 != loadedTls1) {
    loadedTls1 = task.tls1;
    setTls(1, <u32>loadedTls1, <u32>(loadedTls1 >> 32));
  }
  if (task.tls2 != loadedTls2) {
    loadedTls2 = task.tls2;
    setTls(2, <u32>loadedTls2, <u32>(loadedTls2 >> 32));
  }
  return true;
}

/** Segments and TLS of a fresh program: none. */
export function clearThreadState(task: Task): void {
  task.tls0 = 0;
  task.tls1 = 0;
  task.tls2 = 0;
  task.fs = 0;
  task.gs = 0;
  loadUserSegments(0, 0);
  loadTls(task);
}

/** The running task's FS and GS into its record, for a copy of it. */
export function saveSegments(task: Task): void {
  const segments = readUserSegments();
  task.fs = segments & 0xffff;
  task.gs = segments >> 16;
}
