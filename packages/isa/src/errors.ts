/** What was asked of the encoder is no instruction. The message names the instruction, the reason, and what would do. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
}
