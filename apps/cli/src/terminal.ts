/** What a keyboard sends for Ctrl-A. */
const escape = 0x01;

/** What one chunk of typed bytes means: what goes to the guest, and whether the user wants to leave. */
export interface Typed {
  readonly bytes: Uint8Array;
  readonly leave: boolean;
}

/**
 * Finds the escapes of a raw terminal, as QEMU's `-nographic` has them: Ctrl-A X leaves, Ctrl-A Ctrl-A is one Ctrl-A for
 * the guest, Ctrl-A with anything else is that alone.
 */
export class EscapeFilter {
  #escaped = false;

  take(chunk: Uint8Array): Typed {
    const bytes: number[] = [];
    for (const byte of chunk) {
      if (!this.#escaped && byte === escape) {
        this.#escaped = true;
        continue;
      }
      const letter = String.fromCharCode(byte).toLowerCase();
      if (this.#escaped && letter === "x") return { bytes: Uint8Array.from(bytes), leave: true };
      this.#escaped = false;
      bytes.push(byte);
    }
    return { bytes: Uint8Array.from(bytes), leave: false };
  }
}

/** Where typed bytes go. */
export interface Keyboard {
  readonly send: (bytes: Uint8Array) => void;
  readonly leave: () => void;
  /** The input came to its end; a terminal's never does. */
  readonly end: () => void;
}

/** Connects standard input to a guest's keyboard, raw when it is a terminal. The answer undoes it. */
export function connectInput(keyboard: Keyboard): () => void {
  const { stdin } = process;
  const filter = new EscapeFilter();
  const terminal = stdin.isTTY;
  const onData = (chunk: Buffer): void => {
    if (!terminal) return keyboard.send(new Uint8Array(chunk));
    const { bytes, leave } = filter.take(chunk);
    if (bytes.length > 0) keyboard.send(bytes);
    if (leave) keyboard.leave();
  };
  if (terminal) stdin.setRawMode(true);
  stdin.on("data", onData);
  stdin.once("end", keyboard.end);
  // Reading a closed descriptor is an input that is at its end.
  stdin.once("error", keyboard.end);
  return () => {
    stdin.off("data", onData);
    stdin.off("end", keyboard.end);
    stdin.off("error", keyboard.end);
    if (terminal) stdin.setRawMode(false);
    stdin.pause();
    // A pipe or terminal that is still open would keep the process alive; a file has no such thing.
    if ("unref" in stdin) stdin.unref();
  };
}

/** All of standard input, when it is no terminal. */
export async function readAllInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    // Without an encoding a stream gives Buffers.
    chunks.push(chunk as Buffer);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
