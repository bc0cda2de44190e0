import { main } from "assemblyscript/asc";

/** Where asc puts static data: above the first megabyte, so that it exists in V8 and can be mapped in a host process. */
export const memoryBase = 0x100000;

export type Level = 0 | 1 | 2 | 3;

/** Compiles AssemblyScript text in process. */
export async function compileSource(text: string, level: Level): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const args = [
    "input.ts",
    "--outFile",
    "output.wasm",
    "--runtime",
    "stub",
    `-O${level}`,
    "--memoryBase",
    `${memoryBase}`,
    "--initialMemory",
    "32",
    "--use",
    "abort=",
    "--disableWarning",
  ];
  const messages: string[] = [];
  const { error } = await main(args, {
    reportDiagnostic: ({ message, category }) => {
      if (category === 3) messages.push(message);
    },
    readFile: (name: string) => (name === "input.ts" ? text : null),
    writeFile: (name: string, contents: string | Uint8Array) => {
      if (name === "output.wasm" && typeof contents !== "string") wasm = contents;
    },
    listFiles: () => [],
  });
  if (error || !wasm) throw new Error(`asc: ${error?.message ?? "no output"}\n${messages.join("\n")}`);
  return wasm;
}
