/** What the last refusal was about: an entry's address, a table's machine address, an argument. */
export let refusedDetail: u32 = 0;

export function failureDetail(): u32 {
  return refusedDetail;
}

/** Notes what is wrong and gives the error on. */
export function refuse(error: i32, detail: u32): i32 {
  refusedDetail = detail;
  return error;
}
