/** A message of QEMU's machine protocol (QEMU documentation, "QEMU Machine Protocol Specification", section 2). */
interface Message {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: { readonly reason?: string };
}

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The control connection of one QEMU: commands are answered in the order they were sent, events come in between. */
export class Qmp {
  readonly #send: (text: string) => void;
  readonly #waiters: Waiter[] = [];
  readonly #decoder = new TextDecoder();
  #text = "";
  #shutdownReason: string | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Reason of the SHUTDOWN event (ShutdownCause of the QMP reference), once there was one. */
  get shutdownReason(): string | undefined {
    return this.#shutdownReason;
  }

  /** Sends a command and waits for its answer. */
  execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    this.#send(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Takes what came from QEMU: one JSON object a line. */
  receive(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) {
      // QEMU's own output, one object of this shape a line.
      if (line.trim() !== "") this.#handle(JSON.parse(line) as Message);
    }
  }

  /** Fails the commands that will get no answer any more. */
  end(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error("QEMU ended before it answered"));
  }

  #handle(message: Message): void {
    if (message.event === "SHUTDOWN") this.#shutdownReason = message.data?.reason ?? "unknown";
    else if (message.error) this.#waiters.shift()?.reject(new Error(message.error.desc));
    else if ("return" in message) this.#waiters.shift()?.resolve(message.return);
  }
}
