/** What the `mercury` command ends with, besides what the guest asks for. Scripts rely on these. */
export const exitCodes = {
  /** The guest switched the power off, or the command did what it should. */
  ok: 0,
  /** The command line makes no sense, or asks for a part that is not built yet. */
  usage: 2,
  /** A file cannot be read or written, or is not what it should be. */
  file: 3,
  /** A fault of Mercury itself (EX_SOFTWARE of sysexits.h). */
  internal: 70,
  /** The guest panicked or its CPU shut down after a triple fault. */
  guestFault: 101,
  /** `--timeout` ended the machine (as timeout(1) does). */
  timeout: 124,
} as const;
