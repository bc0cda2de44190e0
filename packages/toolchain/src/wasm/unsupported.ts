/** A function uses something that metal code cannot have. `offset` is the instruction's byte offset in the module. */
export class UnsupportedError extends Error {
  readonly functionName: string;
  readonly offset: number;
  constructor(functionName: string, offset: number, what: string) {
    super(`function ${functionName} (wasm byte ${offset}): ${what}`);
    this.name = "UnsupportedError";
    this.functionName = functionName;
    this.offset = offset;
  }
}
