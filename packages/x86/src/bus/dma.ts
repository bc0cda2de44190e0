/**
 * Guest RAM as devices reach it. Addresses come from the guest: what is not wholly RAM is refused, never trusted.
 */
export interface Dma {
  /** A view of `length` bytes of RAM, to be read before anything else happens; undefined when they are not all RAM. */
  read(address: number, length: number): Uint8Array | undefined;
  /** Whether all of the bytes were RAM, and have been written. */
  write(address: number, bytes: Uint8Array): boolean;
}

/** The RAM of a processor, whose decoded code has to hear of what devices write. */
export function processorDma(cpu: { readonly ram: Uint8Array; writePhysical(address: number, bytes: Uint8Array): void }): Dma {
  const inside = (address: number, length: number): boolean => address >= 0 && length >= 0 && address + length <= cpu.ram.length;
  return {
    read: (address, length) => (inside(address, length) ? cpu.ram.subarray(address, address + length) : undefined),
    write(address, bytes) {
      if (!inside(address, bytes.length)) return false;
      cpu.writePhysical(address, bytes);
      return true;
    },
  };
}
