// wasm's -2^31 % -1 is 0; IDIV raises #DE. The same for 64 bits through the runtime helper; the quotient traps in both.
export function run(x: i32, y: i64): i64 {
  const a = i32.MIN_VALUE ^ (x & 1);
  const b = i64.MIN_VALUE ^ (y & 1);
  return <i64>(a % (x | -1)) + (b % (y | -1)) + (x == 7 ? b / (y | -1) : 0);
}
