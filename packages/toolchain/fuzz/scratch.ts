/** First byte that generated modules touch: the second page, the lowest that a host process may map. */
export const scratchBase = 0x10000;
/** Bytes that their addresses may start in; an access reaches at most 15 more. */
export const scratchBytes = 512;
