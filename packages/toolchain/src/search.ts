/** Index of the last element whose key is at most `value`, -1 when there is none. The keys must ascend. */
export function lastAtMost<T>(elements: readonly T[], keyOf: (element: T) => number, value: number): number {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const element = elements[middle];
    if (element !== undefined && keyOf(element) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
