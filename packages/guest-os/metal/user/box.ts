/** All programs in one image: the name under which it was started (argv[0], without its directory) says which one runs. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments, argumentsFrom } from "./lib/args";
import { complainText } from "./lib/errors";
import { baseName } from "./lib/files";
import { flush } from "./lib/print";
import { equal } from "./lib/text";
import { cat } from "./programs/cat";
import { cp } from "./programs/cp";
import { crash } from "./programs/crash";
import { date } from "./programs/date";
import { echo } from "./programs/echo";
import { free } from "./programs/free";
import { grep } from "./programs/grep";
import { head, tail } from "./programs/head";
import { init } from "./programs/init";
import { kill } from "./programs/kill";
import { ln } from "./programs/ln";
import { ls } from "./programs/ls";
import { mkdir } from "./programs/mkdir";
import { mount } from "./programs/mount";
import { mv } from "./programs/mv";
import { poweroff, reboot } from "./programs/poweroff";
import { ps } from "./programs/ps";
import { rm } from "./programs/rm";
import { seq } from "./programs/seq";
import { sh } from "./programs/sh/sh";
import { sleep } from "./programs/sleep";
import { stress } from "./programs/stress/stress";
import { bracket, test } from "./programs/test";
import { touch } from "./programs/touch";
import { uptime } from "./programs/uptime";
import { wc } from "./programs/wc";

/** Signal handlers are reached by their address, so they must be exports of the image. */
export { onStressSignal } from "./programs/stress/signals";

/** Entry of the image; the result is the exit status. */
export function main(stack: usize): i32 {
  const list = argumentsFrom(stack);
  const result = run(list.count > 0 ? baseName(list.at(0)) : cstr`box`, list);
  flush();
  return result;
}

/** src/programs.ts lists the same names as links of the image. */
export function run(name: usize, list: Arguments): i32 {
  if (equal(name, cstr`sh`)) return sh(list);
  if (equal(name, cstr`init`)) return init(list);
  if (equal(name, cstr`ls`)) return ls(list);
  if (equal(name, cstr`cat`)) return cat(list);
  if (equal(name, cstr`echo`)) return echo(list);
  if (equal(name, cstr`ps`)) return ps(list);
  if (equal(name, cstr`kill`)) return kill(list);
  if (equal(name, cstr`sleep`)) return sleep(list);
  if (equal(name, cstr`mkdir`)) return mkdir(list);
  if (equal(name, cstr`rm`)) return rm(list);
  if (equal(name, cstr`cp`)) return cp(list);
  if (equal(name, cstr`mv`)) return mv(list);
  if (equal(name, cstr`ln`)) return ln(list);
  if (equal(name, cstr`touch`)) return touch(list);
  if (equal(name, cstr`wc`)) return wc(list);
  if (equal(name, cstr`head`)) return head(list);
  if (equal(name, cstr`tail`)) return tail(list);
  if (equal(name, cstr`grep`)) return grep(list);
  if (equal(name, cstr`seq`)) return seq(list);
  if (equal(name, cstr`test`)) return test(list);
  if (equal(name, cstr`[`)) return bracket(list);
  if (equal(name, cstr`true`)) return 0;
  if (equal(name, cstr`false`)) return 1;
  if (equal(name, cstr`free`)) return free(list);
  if (equal(name, cstr`uptime`)) return uptime(list);
  if (equal(name, cstr`date`)) return date(list);
  if (equal(name, cstr`mount`)) return mount(list);
  if (equal(name, cstr`poweroff`)) return poweroff(list);
  if (equal(name, cstr`reboot`)) return reboot(list);
  if (equal(name, cstr`crash`)) return crash(list);
  if (equal(name, cstr`stress`)) return stress(list);
  complainText(name, 0, cstr`no such program in this image`);
  return 127;
}
