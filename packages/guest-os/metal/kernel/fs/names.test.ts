import fc from "fast-check";
import { expect, test } from "vitest";
import { errno } from "@mercury/abi";
import { Kernel } from "../../../src/testing/kernel.ts";

/** A file system as a few maps: what the kernel's answers are compared with. */
type Node = { kind: "file"; text: string; names: number } | { kind: "directory"; entries: Map<string, Node>; parent: Node | null };
type Directory = Extract<Node, { kind: "directory" }>;
type Place = { directory: Directory; name: string; node: Node | undefined };

const newDirectory = (parent: Node | null): Directory => ({ kind: "directory", entries: new Map(), parent });

class Model {
  readonly root: Directory = newDirectory(null);

  /** Where a path leads, or a negated errno. */
  find(path: string): Place | number {
    const parts = path.split("/").slice(1);
    const name = parts.pop() ?? "";
    let directory: Directory = this.root;
    for (const part of parts) {
      const next = directory.entries.get(part);
      if (next === undefined) return -errno.ENOENT;
      if (next.kind !== "directory") return -errno.ENOTDIR;
      directory = next;
    }
    return { directory, name, node: directory.entries.get(name) };
  }

  mkdir(path: string): number {
    const place = this.find(path);
    if (typeof place === "number") return place;
    if (place.node !== undefined) return -errno.EEXIST;
    place.directory.entries.set(place.name, newDirectory(place.directory));
    return 0;
  }

  write(path: string, text: string): number {
    const place = this.find(path);
    if (typeof place === "number") return place;
    const { node } = place;
    if (node?.kind === "directory") return -errno.EISDIR;
    if (node === undefined) place.directory.entries.set(place.name, { kind: "file", text, names: 1 });
    else node.text = text;
    return 0;
  }

  unlink(path: string): number {
    const place = this.find(path);
    if (typeof place === "number") return place;
    if (place.node === undefined) return -errno.ENOENT;
    if (place.node.kind === "directory") return -errno.EISDIR;
    place.node.names--;
    place.directory.entries.delete(place.name);
    return 0;
  }

  rmdir(path: string): number {
    const place = this.find(path);
    if (typeof place === "number") return place;
    if (place.node === undefined) return -errno.ENOENT;
    if (place.node.kind === "file") return -errno.ENOTDIR;
    if (place.node.entries.size > 0) return -errno.ENOTEMPTY;
    place.directory.entries.delete(place.name);
    return 0;
  }

  link(from: string, to: string): number {
    const source = this.find(from);
    if (typeof source === "number") return source;
    if (source.node === undefined) return -errno.ENOENT;
    if (source.node.kind === "directory") return -errno.EPERM;
    const target = this.find(to);
    if (typeof target === "number") return target;
    if (target.node !== undefined) return -errno.EEXIST;
    source.node.names++;
    target.directory.entries.set(target.name, source.node);
    return 0;
  }

  rename(from: string, to: string): number {
    const source = this.find(from);
    const target = this.find(to);
    if (typeof source === "number") return source;
    if (typeof target === "number") return target;
    const { node } = source;
    if (node === undefined) return -errno.ENOENT;
    for (let at: Node | null = target.directory; at !== null; at = at.kind === "directory" ? at.parent : null)
      if (at === node) return -errno.EINVAL;
    const old = target.node;
    if (old === node) return 0;
    const refused = old === undefined ? 0 : replaces(node, old);
    if (refused !== 0) return refused;
    if (old?.kind === "file") old.names--;
    source.directory.entries.delete(source.name);
    target.directory.entries.delete(target.name);
    target.directory.entries.set(target.name, node);
    if (node.kind === "directory") node.parent = target.directory;
    return 0;
  }
}

function replaces(node: Node, old: Node): number {
  if (node.kind === "file") return old.kind === "directory" ? -errno.EISDIR : 0;
  if (old.kind === "file") return -errno.ENOTDIR;
  return old.entries.size === 0 ? 0 : -errno.ENOTEMPTY;
}

function compare(kernel: Kernel, path: string, directory: Directory): void {
  const names = kernel.list(path === "" ? "/" : path).filter((name) => !name.startsWith("."));
  expect(names.toSorted()).toEqual([...directory.entries.keys()].toSorted());
  const below = [...directory.entries.values()].filter((node) => node.kind === "directory").length;
  expect(kernel.stat(path)).toMatchObject({ links: 2 + below });
  for (const [name, node] of directory.entries) {
    if (node.kind === "directory") compare(kernel, `${path}/${name}`, node);
    else {
      expect(kernel.contents(`${path}/${name}`)).toBe(node.text);
      expect(kernel.stat(`${path}/${name}`)).toMatchObject({ links: node.names });
    }
  }
}

function writeFile(kernel: Kernel, path: string, text: string): number {
  const fd = kernel.call("sysOpen", path, 0o1101, 0o644);
  if (fd < 0) return fd;
  kernel.write(fd, text);
  return kernel.call("sysClose", fd);
}

const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((parts) => `/t/${parts.join("/")}`);
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant("mkdir" as const), path) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("write" as const), path, fc.string({ maxLength: 9, unit: fc.constantFrom("x", "y", "z") })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("unlink" as const, "rmdir" as const), path) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom("rename" as const, "link" as const), path, path) },
);

test("any sequence of calls answers as the model does, and removing everything gives every frame back", async () => {
  const kernel = await Kernel.start();
  kernel.call("sysMkdir", "/t", 0o755);
  kernel.call("sysRmdir", "/t");
  const free = kernel.number("freeFrameCount");
  const references = kernel.number("rootReferences");
  const calls = {
    mkdir: (at: string) => kernel.call("sysMkdir", at, 0o755),
    write: (at: string, text: string) => writeFile(kernel, at, text),
    unlink: (at: string) => kernel.call("sysUnlink", at),
    rmdir: (at: string) => kernel.call("sysRmdir", at),
    rename: (from: string, to: string) => kernel.call("sysRename", from, to),
    link: (from: string, to: string) => kernel.call("sysLink", from, to),
  };
  const removeAll = (at: string, directory: Directory): void => {
    for (const [name, node] of directory.entries) {
      if (node.kind === "directory") removeAll(`${at}/${name}`, node);
      else expect(calls.unlink(`${at}/${name}`)).toBe(0);
    }
    expect(calls.rmdir(at)).toBe(0);
  };
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const model = new Model();
      calls.mkdir("/t");
      model.mkdir("/t");
      for (const [name, first, second = ""] of operations) expect([name, first, second, calls[name](first, second)]).toEqual([name, first, second, model[name](first, second)]);
      const top = model.root.entries.get("t");
      if (top?.kind !== "directory") throw new Error("the model lost its top");
      compare(kernel, "/t", top);
      removeAll("/t", top);
      expect(kernel.number("rootReferences")).toBe(references);
      expect(kernel.number("freeFrameCount")).toBe(free);
    }),
    { numRuns: 200 },
  );
});
