// Both bodies of every cold operation (abi/tables/vo-operations.ts); the others are single instructions and thunks (stubs/).
export * from "./native/traps";
export * from "./native/interrupt";
export * from "./native/mmu";
export * from "./virtual/cpu";
export * from "./virtual/interrupt";
export * from "./virtual/mmu";
