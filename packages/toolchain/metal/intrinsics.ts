/**
 * The machine, as metal code sees it: each declaration is an import of module `x86`, which the back end lowers to one IA-32
 * instruction or a short fixed sequence in place (src/intrinsics/x86.ts has the emitter of each). Imports are opaque to the optimiser,
 * so every one of them is also a compiler barrier. Kernel code takes its machine operations from `mercury:vo` instead; of this file it
 * uses only what is not privileged.
 */

// Memory that somebody else changes or watches: never merged, never dropped, never reordered.
// @ts-ignore: decorator
@external("x86", "volatileLoad8") export declare function volatileLoad8(address: usize): u32;
// @ts-ignore: decorator
@external("x86", "volatileLoad16") export declare function volatileLoad16(address: usize): u32;
// @ts-ignore: decorator
@external("x86", "volatileLoad32") export declare function volatileLoad32(address: usize): u32;
// @ts-ignore: decorator
@external("x86", "volatileStore8") export declare function volatileStore8(address: usize, value: u32): void;
// @ts-ignore: decorator
@external("x86", "volatileStore16") export declare function volatileStore16(address: usize, value: u32): void;
// @ts-ignore: decorator
@external("x86", "volatileStore32") export declare function volatileStore32(address: usize, value: u32): void;

/** `xchg [address], value`: atomic by itself (SDM 3A 8.1.2.1); the old value. */
// @ts-ignore: decorator
@external("x86", "exchange32") export declare function exchange32(address: usize, value: u32): u32;
/** `lock cmpxchg`: stores `replacement` when the cell holds `expected`; the old value either way. */
// @ts-ignore: decorator
@external("x86", "compareExchange32") export declare function compareExchange32(address: usize, expected: u32, replacement: u32): u32;
/** `lock or [address], bits` */
// @ts-ignore: decorator
@external("x86", "atomicOr32") export declare function atomicOr32(address: usize, bits: u32): void;
/** `lock and [address], bits` */
// @ts-ignore: decorator
@external("x86", "atomicAnd32") export declare function atomicAnd32(address: usize, bits: u32): void;
/** `lock xadd`: the value before the addition. */
// @ts-ignore: decorator
@external("x86", "atomicAdd32") export declare function atomicAdd32(address: usize, value: u32): u32;

// Port input and output (SDM 2A IN, 2B OUT).
// @ts-ignore: decorator
@external("x86", "in8") export declare function in8(port: u32): u32;
// @ts-ignore: decorator
@external("x86", "in16") export declare function in16(port: u32): u32;
// @ts-ignore: decorator
@external("x86", "in32") export declare function in32(port: u32): u32;
// @ts-ignore: decorator
@external("x86", "out8") export declare function out8(port: u32, value: u32): void;
// @ts-ignore: decorator
@external("x86", "out16") export declare function out16(port: u32, value: u32): void;
// @ts-ignore: decorator
@external("x86", "out32") export declare function out32(port: u32, value: u32): void;

// Unprivileged odds and ends.
/** `rdtsc`: ticks since reset. */
// @ts-ignore: decorator
@external("x86", "readTimeStamp") export declare function readTimeStamp(): u64;
/** `cpuid`: stores eax, ebx, ecx, edx as four u32 at `result`. */
// @ts-ignore: decorator
@external("x86", "cpuid") export declare function cpuid(leaf: u32, subleaf: u32, result: usize): void;
/** `pause` */
// @ts-ignore: decorator
@external("x86", "pause") export declare function pause(): void;
/** `int3` */
// @ts-ignore: decorator
@external("x86", "breakpoint") export declare function breakpoint(): void;
/** `ud2`: does not return. */
// @ts-ignore: decorator
@external("x86", "undefined") export declare function undefinedInstruction(): void;
/** `mul`: high half of the 64-bit product. */
// @ts-ignore: decorator
@external("x86", "multiplyHigh") export declare function multiplyHigh(a: u32, b: u32): u32;
/** `div`: (high:low) / divisor, which must be greater than `high`; the quotient in the low half of the result, the remainder in the high. */
// @ts-ignore: decorator
@external("x86", "divideWide") export declare function divideWide(high: u32, low: u32, divisor: u32): u64;
/** The value of ESP where the call stands. */
// @ts-ignore: decorator
@external("x86", "stackPointer") export declare function stackPointer(): usize;

// Calls to an address that is only known at run time (regparm convention: eax, edx, ecx).
// @ts-ignore: decorator
@external("x86", "call0") export declare function call0(address: usize): u32;
// @ts-ignore: decorator
@external("x86", "call1") export declare function call1(address: usize, a: u32): u32;
// @ts-ignore: decorator
@external("x86", "call2") export declare function call2(address: usize, a: u32, b: u32): u32;
// @ts-ignore: decorator
@external("x86", "call3") export declare function call3(address: usize, a: u32, b: u32, c: u32): u32;

// Linux i386 system calls: `int 0x80`, number in eax, arguments in ebx ecx edx esi edi ebp, result in eax.
// @ts-ignore: decorator
@external("x86", "syscall0") export declare function syscall0(number: u32): i32;
// @ts-ignore: decorator
@external("x86", "syscall1") export declare function syscall1(number: u32, a: u32): i32;
// @ts-ignore: decorator
@external("x86", "syscall2") export declare function syscall2(number: u32, a: u32, b: u32): i32;
// @ts-ignore: decorator
@external("x86", "syscall3") export declare function syscall3(number: u32, a: u32, b: u32, c: u32): i32;
// @ts-ignore: decorator
@external("x86", "syscall4") export declare function syscall4(number: u32, a: u32, b: u32, c: u32, d: u32): i32;
// @ts-ignore: decorator
@external("x86", "syscall5") export declare function syscall5(number: u32, a: u32, b: u32, c: u32, d: u32, e: u32): i32;
// @ts-ignore: decorator
@external("x86", "syscall6") export declare function syscall6(number: u32, a: u32, b: u32, c: u32, d: u32, e: u32, f: u32): i32;
/** `int 0x82`: a hypercall (numbers and registers: @mercury/abi tables/hypercalls.ts); number in eax, arguments in ebx ecx edx, result in eax. */
// @ts-ignore: decorator
@external("x86", "hypercall") export declare function hypercall(number: u32, a: u32, b: u32, c: u32): i32;
/** `int 0x83`: the mode switch's dedicated vector (tables/vectors.ts); argument and result in eax. */
// @ts-ignore: decorator
@external("x86", "switchInterrupt") export declare function switchInterrupt(argument: u32): i32;

// Privileged: boot path, VMM, switch and the native half of the virtual objects only.
// @ts-ignore: decorator
@external("x86", "disableInterrupts") export declare function disableInterrupts(): void;
// @ts-ignore: decorator
@external("x86", "enableInterrupts") export declare function enableInterrupts(): void;
/** `pushfd; pop` */
// @ts-ignore: decorator
@external("x86", "readFlags") export declare function readFlags(): u32;
/** `push; popfd` */
// @ts-ignore: decorator
@external("x86", "writeFlags") export declare function writeFlags(flags: u32): void;
/** `hlt` */
// @ts-ignore: decorator
@external("x86", "halt") export declare function halt(): void;
/** `sti; hlt`: no interrupt is taken between the two (SDM 2B STI). */
// @ts-ignore: decorator
@external("x86", "enableAndHalt") export declare function enableAndHalt(): void;
// @ts-ignore: decorator
@external("x86", "readCr0") export declare function readCr0(): u32;
// @ts-ignore: decorator
@external("x86", "writeCr0") export declare function writeCr0(value: u32): void;
// @ts-ignore: decorator
@external("x86", "readCr2") export declare function readCr2(): u32;
// @ts-ignore: decorator
@external("x86", "readCr3") export declare function readCr3(): u32;
// @ts-ignore: decorator
@external("x86", "writeCr3") export declare function writeCr3(value: u32): void;
// @ts-ignore: decorator
@external("x86", "readCr4") export declare function readCr4(): u32;
// @ts-ignore: decorator
@external("x86", "writeCr4") export declare function writeCr4(value: u32): void;
// @ts-ignore: decorator
@external("x86", "readDr6") export declare function readDr6(): u32;
// @ts-ignore: decorator
@external("x86", "writeDr6") export declare function writeDr6(value: u32): void;
// @ts-ignore: decorator
@external("x86", "readDr7") export declare function readDr7(): u32;
// @ts-ignore: decorator
@external("x86", "writeDr7") export declare function writeDr7(value: u32): void;
/** `invlpg [address]` */
// @ts-ignore: decorator
@external("x86", "invalidatePage") export declare function invalidatePage(address: usize): void;
/** `lgdt [descriptor]`: six bytes, limit u16 then base u32 (SDM 3A 2.4.1). */
// @ts-ignore: decorator
@external("x86", "loadGdt") export declare function loadGdt(descriptor: usize): void;
/** `lidt [descriptor]` */
// @ts-ignore: decorator
@external("x86", "loadIdt") export declare function loadIdt(descriptor: usize): void;
/** `sgdt [descriptor]` */
// @ts-ignore: decorator
@external("x86", "storeGdt") export declare function storeGdt(descriptor: usize): void;
/** `sidt [descriptor]` */
// @ts-ignore: decorator
@external("x86", "storeIdt") export declare function storeIdt(descriptor: usize): void;
/** `ltr` */
// @ts-ignore: decorator
@external("x86", "loadTaskRegister") export declare function loadTaskRegister(selector: u32): void;
/** `str` */
// @ts-ignore: decorator
@external("x86", "readTaskRegister") export declare function readTaskRegister(): u32;
/** `lldt` */
// @ts-ignore: decorator
@external("x86", "loadLdt") export declare function loadLdt(selector: u32): void;
/** `clts` */
// @ts-ignore: decorator
@external("x86", "clearTaskSwitched") export declare function clearTaskSwitched(): void;
// @ts-ignore: decorator
@external("x86", "readMsr") export declare function readMsr(register: u32): u64;
// @ts-ignore: decorator
@external("x86", "writeMsr") export declare function writeMsr(register: u32, value: u64): void;
/** DS and ES := selector. */
// @ts-ignore: decorator
@external("x86", "loadDataSegments") export declare function loadDataSegments(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "loadFs") export declare function loadFs(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "loadGs") export declare function loadGs(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "readFs") export declare function readFs(): u32;
// @ts-ignore: decorator
@external("x86", "readGs") export declare function readGs(): u32;
/** `mov r, cs`: what ring the code runs in (its low two bits). */
// @ts-ignore: decorator
@external("x86", "readCs") export declare function readCs(): u32;
