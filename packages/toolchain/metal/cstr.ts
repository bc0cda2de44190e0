/**
 * Byte strings. The toolchain replaces each tagged literal before the compiler sees it (src/asc/strings.ts), so these
 * declarations only tell the editor the types and are never called. Import them where you use them.
 */

/** Address of the literal's UTF-8 bytes, NUL-terminated, in the image's static data. */
// @ts-ignore: decorator
@external("toolchain", "cstr") export declare function cstr(text: TemplateStringsArray): usize;

/** Address of the literal's UTF-8 bytes without an end mark. */
// @ts-ignore: decorator
@external("toolchain", "bytes") export declare function bytes(text: TemplateStringsArray): usize;

/** How many bytes the literal has in UTF-8. */
// @ts-ignore: decorator
@external("toolchain", "byteLength") export declare function byteLength(text: TemplateStringsArray): u32;
