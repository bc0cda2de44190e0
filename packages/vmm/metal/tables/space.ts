import { EINVAL } from "@mercury/abi/metal";
import { currentDirectory, landed, setDirectory } from "../domains/first";
import { masterDirectory } from "../domains/facts";
import { NO_FRAME, TYPE_DIRECTORY, TYPE_LEAF, frameOfMachine, typeOf } from "../frames/records";
import { flushBeforeRetype, loadDirectory } from "./flush";
import { validateDirectory } from "./directory";
import { landingMachine } from "./landing";
import { allowTableWrites, forbidTableWrites } from "./protection";
import { refuse } from "./refusal";

/**
 * Loads a directory for the domain, validating it the first time. The master has no user half and must keep its window for native mode,
 * so it is never validated: the landing directory stands in for it.
 */
export function loadSpace(machine: u32): i32 {
  if (machine == masterDirectory) {
    loadDirectory(landingMachine());
    setDirectory(machine, true);
    return 0;
  }
  const frame = frameOfMachine(machine);
  if (frame == NO_FRAME || (machine & 0xfff) != 0) return refuse(-EINVAL, machine);
  const result = ensureDirectory(frame, machine);
  if (result < 0) return result;
  loadDirectory(machine);
  setDirectory(machine, false);
  return 0;
}

function ensureDirectory(frame: u32, machine: u32): i32 {
  const type = typeOf(frame);
  if (type == TYPE_DIRECTORY) return 0;
  if (type == TYPE_LEAF) return refuse(-EINVAL, machine);
  flushBeforeRetype();
  allowTableWrites();
  const result = validateDirectory(frame);
  forbidTableWrites();
  return result;
}

/** After an attach the landing directory is loaded in place of the domain's: whether there is another one to load. */
export function hasSpaceToLoad(): bool {
  return landed && currentDirectory != masterDirectory;
}
