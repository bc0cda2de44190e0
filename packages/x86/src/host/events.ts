import type { MachineStop } from "../machine.ts";

/** When something happened. */
export interface Moment {
  /** Nanoseconds of machine time. */
  readonly time: number;
  readonly instructions: number;
}

/** What a machine tells those who listen, by name. */
export interface MachineEvents {
  /** A hardware interrupt is delivered. */
  readonly interrupt: Moment & { readonly vector: number };
  /** An exception is delivered. */
  readonly exception: Moment & { readonly vector: number; readonly errorCode: number | undefined };
  /** The processor has waited in HLT from one time, nanoseconds, to another. */
  readonly idle: Moment & { readonly from: number; readonly to: number };
  /** Bytes have come in at a serial port. */
  readonly input: Moment & { readonly port: 0 | 1 | 2; readonly bytes: Uint8Array };
  /** The machine has ended, and why. */
  readonly end: Moment & { readonly stop: MachineStop };
}
/** Name of an event. */
export type EventName = keyof MachineEvents;
type Listener<Name extends EventName> = (event: MachineEvents[Name]) => void;

/** Listeners by event. */
export class Emitter {
  readonly #listeners: { [Name in EventName]: Set<Listener<Name>> } = {
    interrupt: new Set(),
    exception: new Set(),
    idle: new Set(),
    input: new Set(),
    end: new Set(),
  };

  /** Adds a listener; the function that it gives takes it away again. */
  on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Whether anybody listens: an event that nobody hears need not be made. */
  heard(name: EventName): boolean {
    return this.#listeners[name].size > 0;
  }

  emit<Name extends EventName>(name: Name, event: MachineEvents[Name]): void {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    for (const listener of listeners) listener(event);
  }
}
