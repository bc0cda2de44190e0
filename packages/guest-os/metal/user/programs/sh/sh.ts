/** sh [-c COMMANDS [NAME [WORD...]]] | [FILE [WORD...]]: the shell, after POSIX XCU 2. */
import { cstr } from "@mercury/toolchain/metal";
import { takeTerminal } from "./jobs";
import { runSource, runText } from "./run";
import { sourceFrom } from "./source";
import { importEnvironment, setPositional } from "./variables";
import { F_DUPFD, F_SETFD, FD_CLOEXEC, O_RDONLY } from "../../../linux/files";
import { TCGETS } from "../../../linux/terminal";
import { Arguments } from "../../lib/args";
import { complain, usage } from "../../lib/errors";
import { surviveWriteErrors } from "../../lib/print";
import { close, control, fileControl, open } from "../../lib/syscall";
import { equal } from "../../lib/text";

const terminal: usize = memory.data(64);

export function sh(list: Arguments): i32 {
  surviveWriteErrors();
  importEnvironment();
  const option = list.at(1);
  if (option != 0 && equal(option, cstr`-c`)) return runArgument(list);
  if (option != 0 && load<u8>(option) == 0x2d) return usage(cstr`sh [-c COMMANDS] [FILE [WORD...]]`);
  if (option != 0) return runScript(list);
  setPositional(list.values, 0);
  const interactive = control(0, TCGETS, terminal) == 0;
  if (interactive) takeTerminal();
  return runSource(sourceFrom(0, interactive));
}

/** `sh -c COMMANDS NAME WORD...`: `$0` is the name. */
function runArgument(list: Arguments): i32 {
  const text = list.at(2);
  if (text == 0) return usage(cstr`sh -c COMMANDS [NAME [WORD...]]`);
  if (list.count > 3) setPositional(list.values + 12, list.count - 4);
  else setPositional(list.values, 0);
  return runText(text);
}

function runScript(list: Arguments): i32 {
  const path = list.at(1);
  const opened = open(path, O_RDONLY, 0);
  if (opened < 0) {
    complain(cstr`sh`, path, opened);
    return 127;
  }
  // Out of the way of the descriptors that scripts number.
  const fd = fileControl(opened, F_DUPFD, 10);
  close(opened);
  fileControl(fd, F_SETFD, FD_CLOEXEC);
  setPositional(list.values + 4, list.count - 2);
  return runSource(sourceFrom(fd, false));
}
