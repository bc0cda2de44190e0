/** What the generated file system shows: tables of rows, one table for each kind of directory. */

// @ts-ignore: decorator
@unmanaged export class Row {
  /** NUL-terminated. */
  name: usize;
  /** File type and permissions. */
  mode: u32;
  /** Function-table index of (pid: u32): i32, which appends the contents or a link's target to the text; 0 or a negated errno. */
  generate: u32;
  /** Function-table index of (bytes: usize, count: u32): i32 for what is written, NUL-terminated; or 0. */
  accept: u32;
  /** Table of a directory's entries, or 0. */
  children: usize;
}

// @ts-ignore: decorator
@unmanaged export class RowTable {
  count: u32;
  /** Added to a row's index: the low byte of its inode number. */
  numbering: u32;
  /** Names beside the rows, as function-table indices, or 0: InodeOperations.lookup and .entry, whose cursors start at FIRST_LISTED. */
  find: u32;
  list: u32;
}
/** Cursor of the first name that a table's `list` gives. */
export const FIRST_LISTED: u32 = 0x1000;
const FIRST_ROW: usize = offsetof<RowTable>();
const ROW_SIZE: usize = offsetof<Row>();

/** Rows that a table has room for, and the bytes of such a table. */
export const ROWS: u32 = 16;
export const TABLE_SIZE: i32 = 16 + 16 * 20;

// @ts-ignore: decorator
@inline export function rowAt(table: RowTable, index: u32): Row {
  return changetype<Row>(changetype<usize>(table) + FIRST_ROW + index * ROW_SIZE);
}

/** Appends a row. */
export function addRow(table: RowTable, name: usize, mode: u32, generate: u32): Row {
  assert(table.count < ROWS);
  const row = rowAt(table, table.count++);
  row.name = name;
  row.mode = mode;
  row.generate = generate;
  return row;
}

export function nameLength(row: Row): u32 {
  let length: u32 = 0;
  while (load<u8>(row.name + length) != 0) length++;
  return length;
}

/** Index of the row with this name, or -1. */
export function findRow(table: RowTable, name: usize, length: u32): i32 {
  for (let index: u32 = 0; index < table.count; index++) {
    const row = rowAt(table, index);
    if (nameLength(row) == length && memory.compare(row.name, name, length) == 0) return <i32>index;
  }
  return -1;
}

/** Inode number of a row, for a process or (0) the system. */
export function rowNumber(table: RowTable, index: u32, pid: u32): u32 {
  return (pid << 8) | (table.numbering + index);
}
