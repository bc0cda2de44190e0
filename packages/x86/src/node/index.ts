/** What `@mercury/x86` can do with the files of a computer that runs Node. */
export { type DiskFile, openDiskFile } from "./disk-file.ts";
