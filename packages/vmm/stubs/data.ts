import { gdtSlots, interfaceVersion, memoryMap, structures, vectors } from "@mercury/abi";
import { symbol, type Assembler } from "@mercury/toolchain";

const headerMagic = 0x4d52434d;
const descriptorSize = 8;
const gateCount = 256;
const stackSize = 0x2000;
/** Frames of the largest zone: a 64th of 2 GB. */
const recordCount = 0x8000_0000 / 64 / memoryMap.pageSize;
const logSize = 0x4000;

/** First bytes of the image: all that the boot path knows of it. */
export function header(a: Assembler): void {
  a.data("vmmHeader", { section: ".header", alignment: 16 });
  a.data32(headerMagic, interfaceVersion, symbol("vmm_warmup"), symbol("bootFirst"), symbol("vmm_switchEntry"), symbol("image.end"));
  a.zero(structures.vmmHeader.size - 6 * 4);
}

/** Everything that has its place by name: descriptor tables, landing directory, records, stacks. */
export function memory(a: Assembler): void {
  const zeroed = (name: string, bytes: number, alignment: number): void => {
    a.data(name, { section: ".bss", alignment });
    a.zero(bytes);
  };
  // One page that the warm-up makes read-only: gates, then the type of every chunk.
  zeroed("vmm_constants", memoryMap.pageSize, memoryMap.pageSize);
  zeroed("vmm_landing", memoryMap.pageSize, memoryMap.pageSize);
  zeroed("vmm_gdt", gdtSlots.count * descriptorSize, 16);
  zeroed("vmm_taskState", structures.taskState.size, 128);
  zeroed("vmm_doubleFaultTaskState", structures.taskState.size, 128);
  zeroed("vmm_records", recordCount * structures.zoneRecord.size, 16);
  zeroed("vmm_trapHandlers", gateCount * structures.trapEntry.size, 16);
  zeroed("vmm_log", logSize, 16);
  zeroed("vmm_stack", stackSize, 16);
  a.entry("vmm_stackTop");
  zeroed("vmm_doubleFaultStack", stackSize, 16);
  a.entry("vmm_doubleFaultStackTop");
  a.data("vmm_gdtDescriptor");
  a.data16(gdtSlots.count * descriptorSize - 1);
  a.data32(symbol("vmm_gdt"));
  a.data("vmm_idtDescriptor");
  a.data16((vectors.modeSwitch + 1) * descriptorSize - 1);
  a.data32(symbol("vmm_constants"));
}
