import { createRequire } from "node:module";

const manifest: { readonly version: string } = createRequire(import.meta.url)("@mercury/cli/package.json");

/** Version of the `mercury` command. */
export const version: string = manifest.version;
