// Instructions of the metal compiler, and what the stubs place in the image.
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
// @ts-ignore: decorator
@external("x86", "halt") export declare function halt(): void;
// @ts-ignore: decorator
@external("x86", "enableAndHalt") export declare function enableAndHalt(): void;
// @ts-ignore: decorator
@external("x86", "disableInterrupts") export declare function disableInterrupts(): void;
// @ts-ignore: decorator
@external("x86", "readCr2") export declare function readCr2(): u32;
// @ts-ignore: decorator
@external("x86", "readCr3") export declare function readCr3(): u32;
// @ts-ignore: decorator
@external("x86", "writeCr3") export declare function writeCr3(value: u32): void;
// @ts-ignore: decorator
@external("x86", "invalidatePage") export declare function invalidatePage(address: usize): void;
// @ts-ignore: decorator
@external("x86", "loadGdt") export declare function loadGdt(descriptor: usize): void;
// @ts-ignore: decorator
@external("x86", "loadIdt") export declare function loadIdt(descriptor: usize): void;
// @ts-ignore: decorator
@external("x86", "loadTaskRegister") export declare function loadTaskRegister(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "loadFs") export declare function loadFs(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "loadGs") export declare function loadGs(selector: u32): void;
// @ts-ignore: decorator
@external("x86", "readFs") export declare function readFs(): u32;
// @ts-ignore: decorator
@external("x86", "readGs") export declare function readGs(): u32;
// @ts-ignore: decorator
@external("sym", "gdt") export declare function gdt(): usize;
// @ts-ignore: decorator
@external("sym", "idt") export declare function idt(): usize;
// @ts-ignore: decorator
@external("sym", "gdtDescriptor") export declare function gdtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "idtDescriptor") export declare function idtDescriptor(): usize;
// @ts-ignore: decorator
@external("sym", "taskState") export declare function taskStateAddress(): usize;
// @ts-ignore: decorator
@external("sym", "stackTop") export declare function stackTop(): usize;
// @ts-ignore: decorator
@external("sym", "entryTable") export declare function entryTable(): usize;
