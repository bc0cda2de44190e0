// -O0 leaves a truncated 64-bit constant: a constant, and no operand of a two-operand IMUL.
export function run(x: i32, y: i64): i64 {
  return <i64>(x * <i32>(<i64>348501960)) + (y ^ <i64>(<i32>(<i64>0x1_0000_0003)));
}
