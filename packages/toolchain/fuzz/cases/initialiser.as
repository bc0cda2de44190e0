// -O0 computes this initial value in the start function, which must run first.
let cell: u16 = <u16>-1;

export function run(x: i32, y: i64): i64 {
  cell = cell ^ 1;
  return select<i64>(y, 1, <u32>x > <u32>cell);
}
