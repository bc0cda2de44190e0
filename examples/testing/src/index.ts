/** What the examples' tests share. */
export { available } from "./available.ts";
export { boot, type Booted, runScript, type ScriptRun } from "./boot.ts";
export { importsOf } from "./imports.ts";
export { type KeptCpu, keptCpu } from "./kept-cpu.ts";
