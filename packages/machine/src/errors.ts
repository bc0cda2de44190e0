/**
 * What went wrong, as far as a caller may want to act on it:
 * - `usage`: the request contradicts itself or asks for something that does not exist;
 * - `file`: a file cannot be read or written, or is not what it should be;
 * - `fit`: the layers given do not make a machine;
 * - `tool`: a program outside Mercury (QEMU, Bochs, GRUB) is missing or failed;
 * - `build`: a metal source does not compile or link.
 */
export type MachineErrorKind = "usage" | "file" | "fit" | "tool" | "build";

/** An error whose message is one plain sentence for the user; `detail` holds what follows it, for instance a compiler's listing. */
export class MachineError extends Error {
  override readonly name = "MachineError";
  readonly kind: MachineErrorKind;
  readonly detail: string | undefined;

  constructor(kind: MachineErrorKind, message: string, detail?: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.detail = detail;
  }
}
