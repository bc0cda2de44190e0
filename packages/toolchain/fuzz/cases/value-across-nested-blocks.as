// An operand was settled a second time inside one arm of a nested `if`, so that it was missing on the other path.
export function run(x: i32, y: i64): i64 {
  return select<i64>(y, 0, x < 5 || (max<i32>(x, 7) < 9 && select<i8>(<i8>y, 0, 0 >= y) != <i8>x)) + y;
}
