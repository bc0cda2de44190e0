import { volatileLoad8, volatileLoad16, volatileLoad32, volatileStore8, volatileStore16, volatileStore32 } from "./intrinsics";

/**
 * A cell that code entered by an interrupt shares with the code that it interrupts: each read and each write is one access of the machine
 * that the optimiser keeps, in order. One, two or four bytes. Defined at module level:
 *
 *     const ticks = changetype<Shared<u32>>(memory.data(4));
 *     ticks.value = ticks.value + 1;
 */
@unmanaged
export class Shared<T> {
  private cell: T;

  // @ts-ignore: decorator
  @inline get value(): T {
    if (sizeof<T>() == 4) return <T>volatileLoad32(changetype<usize>(this));
    if (sizeof<T>() == 2) return <T>volatileLoad16(changetype<usize>(this));
    if (sizeof<T>() == 1) return <T>volatileLoad8(changetype<usize>(this));
    ERROR("a shared cell has 1, 2 or 4 bytes");
    return <T>0;
  }

  // @ts-ignore: decorator
  @inline set value(value: T) {
    if (sizeof<T>() == 4) volatileStore32(changetype<usize>(this), <u32>value);
    else if (sizeof<T>() == 2) volatileStore16(changetype<usize>(this), <u32>value);
    else if (sizeof<T>() == 1) volatileStore8(changetype<usize>(this), <u32>value);
    else ERROR("a shared cell has 1, 2 or 4 bytes");
  }
}
