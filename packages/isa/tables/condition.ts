/**
 * The sixteen conditions of Jcc, SETcc and CMOVcc (SDM 1 table B-1); the position is the condition's number,
 * the low four opcode bits. The first name is the one that this package prints, the others are synonyms.
 */
export const conditions = [
  ["o"],
  ["no"],
  ["b", "c", "nae"],
  ["ae", "nc", "nb"],
  ["e", "z"],
  ["ne", "nz"],
  ["be", "na"],
  ["a", "nbe"],
  ["s"],
  ["ns"],
  ["p", "pe"],
  ["np", "po"],
  ["l", "nge"],
  ["ge", "nl"],
  ["le", "ng"],
  ["g", "nle"],
] as const;

/** Any spelling of a condition. */
export type Condition = (typeof conditions)[number][number];

/** Flags tested by each pair of a condition and its negation (SDM 1 table B-1). */
const tested = ["O", "C", "Z", "CZ", "S", "P", "SO", "ZSO"] as const;

/**
 * Letters of the flags that a condition tests.
 * @param number condition, 0 to 15
 */
export function conditionFlags(number: number): string {
  return tested[number >> 1] ?? "";
}
