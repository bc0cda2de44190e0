import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/**
 * Our end of a serial line to another process: a listening socket that takes one connection. What is sent before the
 * other side has connected waits.
 */
export class Line {
  readonly #server: Server;
  readonly #receive: (bytes: Uint8Array) => void;
  #socket: Socket | undefined;
  #waiting: Uint8Array[] = [];
  /** Resolves when the other side has connected. */
  readonly connected: Promise<void>;

  private constructor(server: Server, receive: (bytes: Uint8Array) => void) {
    this.#server = server;
    this.#receive = receive;
    this.connected = once(server, "connection").then(([socket]: Socket[]) => this.#accept(socket));
    // A line that is given up before anyone connects is no error.
    this.connected.catch(() => {});
  }

  /** Listens on a Unix socket path, or on a free loopback TCP port when none is given. */
  static async listen(receive: (bytes: Uint8Array) => void, path?: string): Promise<Line> {
    const server = createServer();
    const line = new Line(server, receive);
    server.listen(path === undefined ? { host: "127.0.0.1", port: 0 } : { path });
    await once(server, "listening");
    return line;
  }

  /** The loopback TCP port. */
  get port(): number {
    // A listening TCP server has an AddressInfo; only a Unix socket has a string.
    return (this.#server.address() as AddressInfo).port;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket) this.#socket.write(bytes);
    else this.#waiting.push(bytes);
  }

  /** Resolves when the other side, if it ever connected, has closed and everything it sent has been received. */
  async drained(): Promise<void> {
    if (this.#socket && !this.#socket.closed) await once(this.#socket, "close");
  }

  /** Gives the line up. */
  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #accept(socket: Socket | undefined): void {
    if (!socket) return;
    this.#socket = socket;
    this.#server.close();
    // A peer that ends while we still write to it is how machines end; `close` follows.
    socket.on("error", () => {});
    socket.on("data", (data) => this.#receive(new Uint8Array(data)));
    for (const bytes of this.#waiting) socket.write(bytes);
    this.#waiting = [];
  }
}
