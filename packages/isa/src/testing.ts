/**
 * Trials: single instructions with given registers, flags and memory, to be run on a processor and on a model of one.
 * For Node; nothing of it is part of `@mercury/isa` proper.
 */
export { haveHostProcessor, runOnHost } from "./testing/host.ts";
export { integerTrials } from "./testing/integer.ts";
export {
  CODE,
  differences,
  INPUT,
  OUTPUT,
  type Program,
  programOf,
  RECORD_BYTES,
  type State,
  statesOf,
  type Trial,
} from "./testing/trial.ts";
