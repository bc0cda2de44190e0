/** The metal compiler: AssemblyScript to IA-32 images, macro-assembler, linker and image check. */
export type {
  CodeFunction,
  CodeObject,
  DataSegment,
  GlobalCell,
  LineRow,
  Relocation,
  SiteUse,
  StackRow,
  StackRows,
  SymbolName,
} from "./object.ts";

export { createAssembler, Writer } from "./assembler/block.ts";
export type { Assembler, AssemblerOperand, AssemblerOptions, DataWord, Instructions, ProcedureOptions } from "./assembler/block.ts";
export { Label } from "./assembler/labels.ts";
export { far, mem, mem16, mem32, mem48, mem8, physical, scaled, symbol, through } from "./assembler/memory.ts";
export type { AddressPart, FarPointer, GeneralRegister, Memory, ScaledIndex, SymbolOperand } from "./assembler/memory.ts";
export * from "./assembler/registers.ts";

export { MetalBuildError, type MetalDiagnostic } from "./asc/errors.ts";
export { compileMetal, type MetalCompileOptions, type MetalModule } from "./asc/compile.ts";
export type { InterruptRule } from "./asc/shared.ts";
export type { MetalBinding, MetalBindings, ResolverOptions } from "./asc/resolve.ts";

export { encodeSite, type EncodedSite, ignoredPrefix } from "./sites/encode.ts";
export type { PlacedSite } from "./sites/table.ts";

export { linkImage, type LinkedImage, type Segment } from "./link/image.ts";
export { LinkError } from "./link/errors.ts";
export { type ElfOptions, writeElf } from "./link/elf.ts";
export type { Extent, Layout, Placed } from "./link/layout.ts";
export type { LineEntry } from "./link/lines.ts";
export { multibootHeader, multibootLoaderMagic } from "./link/multiboot.ts";
export type { Blob, ImageSpec, ProgramObject, SourceLine } from "./link/spec.ts";
export type { ImageSymbol, SymbolTable } from "./link/symbols.ts";

export { checkImage, ImageCheckError, type ImageFault, type ImageRules, type SensitivePlace } from "./check/image.ts";
export { formatReport, type ImageReport, type RangeReport } from "./check/report.ts";

export { type CompiledProgram, type ProgramOptions, compileProgram, flatten } from "./program.ts";
