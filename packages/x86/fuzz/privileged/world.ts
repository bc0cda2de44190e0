/** The memory that a case runs in: 64 KB at a fixed place, copied anew for each case. driver.S knows the same addresses. */
export const WORLD = 0x21_0000;
export const WORLD_BYTES = 0x1_0000;
export const gdt: number = WORLD;
export const idt: number = WORLD + 0x1000;
export const tss: number = WORLD + 0x2000;
const doubleFaultTss: number = WORLD + 0x2800;
/** A task to switch to. */
export const otherTss: number = WORLD + 0x2c00;
/** The page directory of 32-bit paging. */
export const directory: number = WORLD + 0x3000;
export const table: number = WORLD + 0x4000;
/** Two pages of data. */
export const data: number = WORLD + 0x5000;
export const code: number = WORLD + 0x7000;
/** Where far transfers lead: UD2. */
export const target: number = WORLD + 0x7800;
const stackTops: readonly number[] = [WORLD + 0x9000, WORLD + 0xa000, 0, WORLD + 0xb000];
const doubleFaultStack: number = WORLD + 0xc000;
export const ldt: number = WORLD + 0xd000;
/** PAE paging: the pointers, the directory of the first gigabyte, and the table of the 2 MB that the world lies in. */
export const paePointers: number = WORLD + 0xd800;
export const paeDirectory: number = WORLD + 0xe000;
export const paeTable: number = WORLD + 0xf000;

/** Stubs of vectors and the entry of the double-fault task in driver.S. */
const STUBS = 0x10_1000;
const DOUBLE_FAULT = 0x10_2000;

/** Selectors; index 10 on is for cases. */
export const selector = {
  code0: 0x08,
  data0: 0x10,
  code1: 0x19,
  data1: 0x21,
  code3: 0x2b,
  data3: 0x33,
  tss: 0x38,
  other: 0x40,
  ldt: 0x48,
  free: 0x50,
} as const;
const DOUBLE_FAULT_TSS = 0x58;
/** A second free descriptor. */
export const SECOND = 0x60;

const view: DataView = new DataView(new ArrayBuffer(WORLD_BYTES));
const put = (address: number, value: number): void => view.setInt32(address - WORLD, value, true);

/** The two words of a descriptor. `flags` are G and D/B in bits 23 and 22. */
export function descriptorWords(base: number, limit: number, access: number, flags: number): readonly [number, number] {
  return [(limit & 0xffff) | (base << 16), ((base >>> 16) & 0xff) | (access << 8) | (limit & 0xf0000) | flags | (base & 0xff000000)];
}

export function gateWords(selected: number, offset: number, access: number, parameters = 0): readonly [number, number] {
  return [(selected << 16) | (offset & 0xffff), (offset & 0xffff0000) | (access << 8) | parameters];
}

function setDescriptor(selected: number, words: readonly [number, number], base: number = gdt): void {
  put(base + (selected & ~7), words[0]);
  put(base + (selected & ~7) + 4, words[1]);
}

const FLAT = 0xc00000;

function describeSegments(): void {
  for (const [selected, access] of [
    [selector.code0, 0x9b],
    [selector.data0, 0x93],
    [selector.code1, 0xbb],
    [selector.data1, 0xb3],
    [selector.code3, 0xfb],
    [selector.data3, 0xf3],
  ] as const)
    setDescriptor(selected, descriptorWords(0, 0xfffff, access, FLAT));
  setDescriptor(selector.tss, descriptorWords(tss, 0x67, 0x89, 0));
  setDescriptor(selector.other, descriptorWords(otherTss, 0x67, 0x89, 0));
  setDescriptor(DOUBLE_FAULT_TSS, descriptorWords(doubleFaultTss, 0x67, 0x89, 0));
  setDescriptor(selector.ldt, descriptorWords(ldt, 0xff, 0x82, 0));
}

function describeTask(at: number, eip: number, stack: number): void {
  const words: readonly (readonly [number, number])[] = [
    [0x1c, directory],
    [0x20, eip],
    [0x24, 2],
    [0x38, stack],
    [0x48, selector.data0],
    [0x4c, selector.code0],
    [0x50, selector.data0],
    [0x54, selector.data0],
  ];
  for (const [offset, value] of words) put(at + offset, value);
  put(at + 0x64, 0x680000);
}

function describeTables(): void {
  for (let vector = 0; vector < 256; vector++) {
    const [low, high] = gateWords(selector.code0, STUBS + vector * 16, 0x8e);
    put(idt + vector * 8, low);
    put(idt + vector * 8 + 4, high);
  }
  const [low, high] = gateWords(DOUBLE_FAULT_TSS, 0, 0x85);
  put(idt + 64, low);
  put(idt + 68, high);
  put(directory, table | 7);
  for (let large = 1; large < 8; large++) put(directory + large * 4, (large << 22) | 0x83);
  // The driver and the tables are the supervisor's; data, code and stacks everybody's.
  for (let page = 0; page < 1024; page++) {
    const address = page << 12;
    put(table + page * 4, address | (isOpen(address) ? 7 : 3));
  }
}

function describePaeTables(): void {
  put(paePointers, paeDirectory | 1);
  for (let large = 0; large < 16; large++) put(paeDirectory + large * 8, (large << 21) | 0x83);
  put(paeDirectory + (WORLD >>> 21) * 8, paeTable | 7);
  const first = WORLD & ~0x1fffff;
  for (let page = 0; page < 512; page++) {
    const address = first + (page << 12);
    put(paeTable + page * 8, address | (isOpen(address) ? 7 : 3));
  }
}

const isOpen = (address: number): boolean => address >= data && address < ldt;

function build(): Uint8Array {
  describeSegments();
  describeTables();
  describePaeTables();
  describeTask(doubleFaultTss, DOUBLE_FAULT, doubleFaultStack);
  describeTask(otherTss, target, stackTops[0] ?? 0);
  put(tss + 0x1c, directory);
  put(tss + 4, stackTops[0] ?? 0);
  put(tss + 8, selector.data0);
  put(tss + 12, stackTops[1] ?? 0);
  put(tss + 16, selector.data1);
  put(tss + 0x64, 0x680000);
  put(target, 0x0b0f);
  for (let offset = 0; offset < 0x2000; offset += 4) put(data + offset, Math.imul(offset + 1, 0x01234567));
  return new Uint8Array(view.buffer);
}

export const world: Uint8Array = build();
