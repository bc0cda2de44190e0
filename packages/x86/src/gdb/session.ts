import type { DebugStop, Debugger } from "../debug/debugger.ts";
import { answer, type Reply } from "./commands.ts";
import { acknowledgement, packet, PacketReader, repeatPlease } from "./packets.ts";

/** Signals as gdb numbers them (GDB manual, appendix E.16.6). */
const signal = { interrupted: 2, trap: 5, segmentation: 11 } as const;

/** What gdb calls them. */
const watchNames = { write: "watch", read: "rwatch", access: "awatch" } as const;

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/**
 * One gdb at the other end of a line, over the remote serial protocol (GDB manual, appendix E). Feed it what comes in, and let the machine run by `work`:
 * the machine stands still unless gdb lets it go.
 */
export class GdbSession {
  readonly #debugger: Debugger;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #reader = new PacketReader();
  #acknowledging = true;
  #running = false;
  #last: Uint8Array = new Uint8Array(0);
  #lastStop = `T${hex(signal.trap)}thread:01;`;
  /** gdb has gone, or has ended the machine. */
  #over: "detached" | "killed" | undefined;

  constructor(session: Debugger, send: (bytes: Uint8Array) => void) {
    this.#debugger = session;
    this.#send = send;
  }

  /** The machine may run. */
  get running(): boolean {
    return this.#running;
  }

  /** Why nothing more will come from gdb: it has left the machine alone, or ended it. */
  get over(): "detached" | "killed" | undefined {
    return this.#over;
  }

  /** Bytes from gdb. */
  receive(bytes: Uint8Array): void {
    for (const incoming of this.#reader.feed(bytes)) {
      if (incoming.kind === "interrupt") this.#interrupt();
      else if (incoming.kind === "repeat") this.#send(this.#last);
      else if (incoming.kind === "damaged") this.#send(repeatPlease);
      else this.#take(incoming.data);
    }
  }

  /** Lets the machine run for `count` instructions, and tells gdb when it stops by itself. */
  work(count: number): DebugStop {
    const stop = this.#debugger.run(count);
    if (stop.reason !== "count" && stop.reason !== "idle") this.#stopped(stop);
    return stop;
  }

  #take(data: string): void {
    if (this.#acknowledging) this.#send(acknowledgement);
    const reply = answer(this.#debugger, data, this.#lastStop);
    this.#perform(reply);
  }

  #perform(reply: Reply): void {
    switch (reply.kind) {
      case "text":
        this.#answer(reply.text);
        return;
      case "quiet":
        this.#answer("OK");
        this.#acknowledging = false;
        return;
      case "run":
        this.#running = true;
        this.#debugger.leave();
        return;
      case "stopped":
        this.#stopped(reply.stop);
        return;
      case "detach":
        this.#answer("OK");
        this.#debugger.breakpoints = new Set();
        this.#debugger.watchpoints = [];
        this.#running = true;
        this.#over = "detached";
        return;
      case "kill":
        if (reply.text !== undefined) this.#answer(reply.text);
        this.#running = false;
        this.#over = "killed";
        return;
    }
  }

  #interrupt(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#tell(`T${hex(signal.interrupted)}thread:01;`);
  }

  #stopped(stop: DebugStop): void {
    this.#running = false;
    this.#tell(this.#describe(stop));
  }

  #describe(stop: DebugStop): string {
    switch (stop.reason) {
      case "breakpoint":
        return `T${hex(signal.trap)}thread:01;swbreak:;`;
      case "watchpoint":
        return `T${hex(signal.trap)}thread:01;${watchNames[stop.watchpoint.kind]}:${(stop.watchpoint.address >>> 0).toString(16)};`;
      case "beginning":
        return `T${hex(signal.trap)}thread:01;replaylog:begin;`;
      case "count":
      case "idle":
        return `T${hex(signal.trap)}thread:01;`;
      case "exit":
        return `W${hex(stop.code & 0xff)}`;
      case "power-off":
      case "reset":
        return "W00";
      case "triple-fault":
        return `X${hex(signal.segmentation)}`;
    }
  }

  #tell(stop: string): void {
    this.#lastStop = stop;
    this.#answer(stop);
  }

  #answer(text: string): void {
    this.#last = packet(text);
    this.#send(this.#last);
  }
}
