import type { Dma } from "../bus/dma.ts";
import type { Chain } from "./queue.ts";

/** What a virtio device does behind its transport. */
export interface VirtioDevice {
  /** Device type (Virtual I/O Device 1.1, 5). */
  readonly id: number;
  /** PCI base class, subclass and programming interface. */
  readonly classCode: number;
  /** Number of virtqueues. */
  readonly queues: number;
  /** Feature bits 0 to 23 that it offers. */
  readonly features: number;
  /** The device's own configuration. */
  readonly configuration: Uint8Array;
  /**
   * Does a request; bytes written into its segments. Throws BrokenQueue for one that no driver makes.
   */
  perform(chain: Chain, dma: Dma): number;
}
