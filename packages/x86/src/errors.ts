/** What kind of thing went wrong: the caller's configuration, a file's contents, or a snapshot's. */
export type MachineErrorKind = "configuration" | "image" | "snapshot";

/** Every error that this package throws on purpose. The message names what, where and why, and stands alone. */
export class MachineError extends Error {
  readonly kind: MachineErrorKind;

  constructor(kind: MachineErrorKind, message: string) {
    super(message);
    this.name = "MachineError";
    this.kind = kind;
  }
}
