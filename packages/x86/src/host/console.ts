/** A serial port as streams of bytes. */
export interface SerialConsole {
  /** What the guest sends, in the order in which it sends it; ends when the machine ends. It may be iterated: `for await (const bytes of output)`. */
  readonly output: ReadableStream<Uint8Array>;
  /** What the guest is to receive. */
  readonly input: WritableStream<Uint8Array>;
  /** Types a text, in UTF-8. */
  type(text: string): void;
}

/** The host's end of a serial port: gathers bytes that leave one by one into chunks. */
export class ConsoleEnd {
  readonly console: SerialConsole;
  /** Undefined when nobody reads any more, or the machine has ended. */
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #bytes: number[] = [];

  constructor(receive: (bytes: Uint8Array) => void) {
    const output = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
      },
    });
    const input = new WritableStream<Uint8Array>({ write: (bytes) => receive(bytes) });
    this.console = { output, input, type: (text) => receive(new TextEncoder().encode(text)) };
  }

  send(byte: number): void {
    // One flush for all that leaves before the host is asked again.
    if (this.#bytes.length === 0) queueMicrotask(() => this.flush());
    this.#bytes.push(byte);
  }

  flush(): void {
    if (this.#bytes.length === 0) return;
    this.#controller?.enqueue(Uint8Array.from(this.#bytes));
    this.#bytes = [];
  }

  close(): void {
    this.flush();
    this.#controller?.close();
    this.#controller = undefined;
  }
}
