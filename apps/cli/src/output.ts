import type { Writable } from "node:stream";
import { exitCodes } from "./exit-codes.ts";
import { CliError } from "./errors.ts";

/** One of this process's output streams, which may go away: a pipe whose reader has left, a full disk. */
export class Output {
  readonly #stream: Writable;
  #error: Error | undefined;
  #failed: () => void = () => {};

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", (error) => {
      this.#error = error;
      this.#failed();
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#error === undefined) this.#stream.write(bytes);
  }

  /** Calls `failed` when the stream fails, at once when it already has. */
  onFailure(failed: () => void): void {
    this.#failed = failed;
    if (this.#error !== undefined) failed();
  }

  /** Waits until everything is written; throws when some of it got lost. */
  async finish(): Promise<void> {
    if (this.#error === undefined) await new Promise<void>((resolve) => this.#stream.write("", () => resolve()));
    if (this.#error !== undefined) throw new CliError(exitCodes.file, `standard output cannot be written: ${this.#error.message}`);
  }
}

/** Writes all that a command has to say to standard output. Throws a CliError when some of it got lost. */
export async function print(text: string): Promise<void> {
  const output = new Output(process.stdout);
  output.write(Buffer.from(text));
  await output.finish();
}
