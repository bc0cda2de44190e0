import { readFileSync } from "node:fs";
import { metalContracts, type MercuryName } from "@mercury/abi";
import { MetalBuildError } from "./errors.ts";
import { throwLines } from "./lint.ts";
import { PackageRoots } from "./packages.ts";
import { ByteStringError, expandByteStrings } from "./strings.ts";

/** What a `mercury:` name stands for in one image: a metal module of a package, or imports that the back end makes sites of. */
export type MetalBinding = { readonly kind: "package"; readonly specifier: string } | { readonly kind: "import" };

/** What the `mercury:` names stand for in one image; a name that is left out may not be imported. */
export type MetalBindings = Readonly<Partial<Record<MercuryName, MetalBinding>>>;

/** Name of the generated module that exports the image's entries. */
export const entryModule = "mercury:entry.ts";

/** Export of the generated module that makes asc tell where static data ends; the driver removes it again. */
export const heapBaseExport = "mercuryHeapBase";

/** Which packages an image is made of, and how they reach one another. */
export interface ResolverOptions {
  /** Root folders of the packages that make up the image. */
  readonly roots: readonly string[];
  /** Modules whose exports are the image's exports, as import specifiers (`@mercury/vo/metal`). */
  readonly entries: readonly string[];
  readonly bindings: MetalBindings;
}

/** Answers every file that asc asks for. What asc calls `~lib/@mercury/vo/metal/index.ts` is a file of the package's real root. */
export class MetalResolver {
  private readonly options: ResolverOptions;
  private readonly packages: PackageRoots;
  private readonly texts = new Map<string, string>();
  private readonly files = new Map<string, string>();

  constructor(options: ResolverOptions) {
    this.options = options;
    this.packages = new PackageRoots(options.roots);
  }

  /** The text of a file, or null where there is none; asc's own names, as messages and source maps have them, are kept. */
  read(probe: string): string | null {
    if (probe === entryModule) return this.keep(entryModule, entryText(this.options.entries));
    // Only what follows the last node_modules counts: asc walks up the folders, but knows a file as ~lib/<that>.
    const key = probe.replaceAll("\\", "/").split("node_modules/").at(-1) ?? "";
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(key)?.[0] ?? "";
    const inside = key.slice(name.length + 1);
    if (name === key || !probe.includes("node_modules/")) return null;
    if (name.startsWith("mercury:")) return inside === "index.ts" ? this.keep(`~lib/${key}`, this.boundText(name)) : null;
    const file = this.packages.file(name, inside);
    return file === null ? null : this.readFile(`~lib/${key}`, file);
  }

  /** The real file behind a name of asc's; generated modules and asc's library keep their names. */
  realFile(ascName: string): string {
    return this.files.get(ascName) ?? ascName;
  }

  /** Whether a function, by asc's name for it, stands in a file that was read, and not in asc's library. */
  declares(functionName: string): boolean {
    return [...this.files.keys()].some((file) => functionName.startsWith(`${file.replace(/\.ts$/, "")}/`));
  }

  /** Every real file that was read. */
  realFiles(): readonly string[] {
    return [...this.files.values()];
  }

  /** Line, from 1, of a character position in a file that was read. */
  lineAt(ascName: string, position: number): number {
    return (this.texts.get(ascName) ?? "").slice(0, position).split("\n").length;
  }

  private readFile(key: string, file: string): string {
    this.files.set(key, file);
    const source = readFileSync(file, "utf8");
    const thrown = throwLines(source).map((line) => ({
      file,
      line,
      message: "throw: metal code has no exceptions (return an error, or call unreachable())",
    }));
    if (thrown.length > 0) throw new MetalBuildError(thrown);
    try {
      return this.keep(key, expandByteStrings(source));
    } catch (error) {
      if (!(error instanceof ByteStringError)) throw error;
      throw new MetalBuildError([{ file, line: error.line, message: error.message }]);
    }
  }

  private keep(key: string, text: string): string {
    this.texts.set(key, text);
    return text;
  }

  /** A forwarder, never the module's own text: the text under two names would be two copies of every global. */
  private boundText(name: string): string {
    const binding = isMercuryName(name) ? this.options.bindings[name] : undefined;
    if (!isMercuryName(name) || binding === undefined) {
      throw new MetalBuildError([{ file: null, line: 0, message: `${name} is imported, but nothing is bound to it in this image` }]);
    }
    return binding.kind === "import" ? importText(name) : forwarderText(name, binding.specifier);
  }
}

function isMercuryName(name: string): name is MercuryName {
  return name in metalContracts;
}

function entryText(entries: readonly string[]): string {
  const forwarded = entries.map((entry) => `export * from "${entry}";\n`).join("");
  return `${forwarded}export function ${heapBaseExport}(): usize { return __heap_base; }\n`;
}

/** Declarations that the back end sees as imports of module `name`. */
function importText(name: MercuryName): string {
  return metalContracts[name]
    .map((declared) => `@external("${name}", "${declared.name}") export declare function ${signature(declared)};\n`)
    .join("");
}

function forwarderText(name: MercuryName, specifier: string): string {
  const functions = metalContracts[name].map((declared) => {
    const call = `bound.${declared.name}(${declared.parameters.map((parameter) => parameter.name).join(", ")})`;
    const body = declared.result === "void" ? `${call};` : `return ${call};`;
    return `@inline export function ${signature(declared)} { ${body} }\n`;
  });
  return `import * as bound from "${specifier}";\n${functions.join("")}`;
}

type Declared = (typeof metalContracts)[MercuryName][number];

function signature({ name, parameters, result }: Declared): string {
  return `${name}(${parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(", ")}): ${result}`;
}
