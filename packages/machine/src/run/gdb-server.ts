import { createServer, type Server, type Socket } from "node:net";
import { Debugger, GdbSession, type Machine, type MachineStop } from "@mercury/x86";
import { MachineError } from "../errors.ts";

/**
 * Lets gdb have a machine, over a TCP port of the loopback address. The machine stands still from the start until a gdb lets it go; when that has detached,
 * the machine runs on, and the next gdb stops it again.
 */
export class GdbServer {
  readonly #debugger: Debugger;
  readonly #server: Server;
  readonly #wake: () => void;
  #session: GdbSession | undefined;
  #socket: Socket | undefined;
  /** Nobody has asked for the machine to run yet. */
  #waiting = true;
  #killed = false;

  private constructor(machine: Machine, back: boolean, wake: () => void) {
    this.#debugger = new Debugger(machine, { icount: back });
    this.#wake = wake;
    this.#server = createServer((socket) => this.#attend(socket));
  }

  /** Listens; with `back`, gdb can also go back in time. Rejects with a MachineError when the port cannot be had. `wake` is called whenever gdb has said something. */
  static async listen(machine: Machine, port: number, back: boolean, wake: () => void): Promise<GdbServer> {
    const made = new GdbServer(machine, back, wake);
    await new Promise<void>((resolve, reject) => {
      made.#server.once("error", (error) =>
        reject(new MachineError("usage", `gdb cannot be waited for on port ${port}: ${error.message}`)),
      );
      made.#server.listen(port, "127.0.0.1", resolve);
    });
    return made;
  }

  /** gdb has ended the machine. */
  get killed(): boolean {
    return this.#killed;
  }

  /** What the guest sends was sent before: gdb has gone back in time. */
  get repeating(): boolean {
    return this.#debugger.repeating;
  }

  /** Bytes for the guest's first serial port. */
  receive(bytes: Uint8Array): void {
    this.#debugger.receive(0, bytes);
  }

  /** Runs the machine as far as gdb allows; undefined while it is to stand still. */
  run(count: number): MachineStop | undefined {
    const session = this.#session;
    // What gdb has ended does nothing more, to its disks above all.
    if (this.#killed) return undefined;
    if (session === undefined) return this.#waiting ? undefined : this.#debugger.run(count);
    if (!session.running) return undefined;
    const stop = session.work(count);
    return stop.reason === "beginning" || stop.reason === "breakpoint" || stop.reason === "watchpoint" ? undefined : stop;
  }

  close(): void {
    this.#server.close();
    this.#socket?.end();
  }

  #attend(socket: Socket): void {
    if (this.#session !== undefined) {
      // One gdb at a time: two would give contradicting orders.
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const session = new GdbSession(this.#debugger, (bytes) => void socket.write(bytes));
    this.#session = session;
    this.#socket = socket;
    const leave = (): void => {
      if (this.#session !== session) return;
      this.#session = undefined;
      this.#socket = undefined;
      this.#waiting = false;
      this.#debugger.breakpoints = new Set();
      this.#debugger.watchpoints = [];
      this.#debugger.leave();
      this.#wake();
    };
    socket.on("data", (bytes) => {
      session.receive(bytes);
      if (session.over === "killed") this.#killed = true;
      if (session.over !== undefined) leave();
      this.#wake();
    });
    socket.on("close", leave);
    socket.on("error", leave);
  }
}
