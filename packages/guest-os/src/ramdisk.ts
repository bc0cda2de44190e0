import type { GuestFile } from "@mercury/abi";
import { type CpioEntry, writeCpio } from "./cpio.ts";

/** A compiled program under its names. */
export interface RamdiskProgram {
  /** Absolute path. */
  readonly path: string;
  /** Further absolute paths of the same file. */
  readonly links: readonly string[];
  /** The executable. */
  readonly bytes: Uint8Array;
}

/** File types of stat(2), and the bits of a mode that hold one. */
const type = { mask: 0o170000, directory: 0o040000, regular: 0o100000 } as const;
const none = new Uint8Array(0);

function relative(path: string): string {
  return path.replace(/^\/+/, "");
}

/** All folders above some paths, each before those inside it. */
function foldersAbove(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const names = relative(path).split("/").slice(0, -1);
    names.forEach((_, depth) => folders.add(names.slice(0, depth + 1).join("/")));
  }
  return [...folders].sort();
}

function folderEntry(path: string): CpioEntry {
  return { path, mode: type.directory | 0o755, contents: none, inode: 0, links: 2 };
}

function fileEntry({ path, mode, contents }: GuestFile): CpioEntry {
  const whole = (mode & type.mask) === 0 ? mode | type.regular : mode;
  return { path: relative(path), mode: whole, contents, inode: 0, links: 1 };
}

function programEntries({ path, links, bytes }: RamdiskProgram, index: number): readonly CpioEntry[] {
  const names = [path, ...links];
  return names.map((name, at) => ({
    path: relative(name),
    mode: type.regular | 0o755,
    contents: at === names.length - 1 ? bytes : none,
    inode: index + 1,
    links: names.length,
  }));
}

/** A RAM disk: programs (mode 755) and files, with the folders above them (mode 755) unless they are given themselves. */
export function buildRamdisk(programs: readonly RamdiskProgram[], files: readonly GuestFile[]): Uint8Array {
  const given = new Set(files.map(({ path }) => relative(path)));
  const paths = [...programs.flatMap(({ path, links }) => [path, ...links]), ...files.map(({ path }) => path)];
  const folders = foldersAbove(paths).filter((path) => !given.has(path));
  const isFolder = (entry: CpioEntry): boolean => (entry.mode & type.mask) === type.directory;
  const entries = [...folders.map(folderEntry), ...files.map(fileEntry)];
  const byPath = (a: CpioEntry, b: CpioEntry): number => (a.path < b.path ? -1 : 1);
  return writeCpio([
    ...entries.filter(isFolder).sort(byPath),
    ...entries.filter((entry) => !isFolder(entry)),
    ...programs.flatMap(programEntries),
  ]);
}
