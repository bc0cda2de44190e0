import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type ScratchPackage, scratchPackage } from "../testing/scratch.ts";
import { PackageRoots } from "./packages.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

function scratch(name: string, files: Record<string, string> = { "metal/index.ts": "" }): ScratchPackage {
  const scratched = scratchPackage(name, files);
  made.push(scratched);
  return scratched;
}

/** Makes `dependency` a dependency of `user`, as a workspace does: by a link. */
function install(user: ScratchPackage, name: string, dependency: ScratchPackage): void {
  const link = join(user.root, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(dependency.root, link);
}

describe("PackageRoots", () => {
  test("finds dependencies by their real path, and the toolchain itself", () => {
    const user = scratch("@acme/user");
    const used = scratch("@acme/used");
    install(user, "@acme/used", used);
    const roots = new PackageRoots([user.root]);
    expect(roots.file("@acme/used", "metal/index.ts")).toBe(used.path("metal/index.ts"));
    expect(roots.file("@mercury/toolchain", "metal/cstr.ts")).toMatch(/packages\/toolchain\/metal\/cstr\.ts$/);
    expect(roots.file("@acme/used", "metal.ts")).toBeNull();
    expect(roots.file("@acme/nowhere", "metal/index.ts")).toBeNull();
  });

  test("follows a metal entry that lies elsewhere in the package", () => {
    const generated = scratch("@acme/generated", { "build/metal/index.ts": "", "build/metal/deep/x.ts": "", "metal/own.ts": "" });
    writeFileSync(
      generated.path("package.json"),
      JSON.stringify({ name: "@acme/generated", exports: { "./metal": { metal: "./build/metal/index.ts" } } }),
    );
    const roots = new PackageRoots([generated.root]);
    expect(roots.file("@acme/generated", "metal/index.ts")).toBe(generated.path("build/metal/index.ts"));
    expect(roots.file("@acme/generated", "metal/deep/x.ts")).toBe(generated.path("build/metal/deep/x.ts"));
    expect(roots.file("@acme/generated", "metal/own.ts")).toBe(generated.path("metal/own.ts"));
  });

  test("refuses two roots of one name, as asc knows a package by its name alone", () => {
    const [a, b] = [scratch("@acme/a"), scratch("@acme/b")];
    install(a, "@acme/shared", scratch("@acme/shared"));
    install(b, "@acme/shared", scratch("@acme/shared"));
    const roots = new PackageRoots([a.root, b.root]);
    expect(() => roots.file("@acme/shared", "metal/index.ts")).toThrow("@acme/shared is installed more than once");
  });

  test("names a folder that is no package", () => {
    const broken = scratch("@acme/broken");
    writeFileSync(broken.path("package.json"), "{");
    expect(() => new PackageRoots([broken.root])).toThrow(`${broken.path("package.json")}: not a package`);
  });
});
