/** `node dist/src/generate-metal-cli.js`: the build step after tsc. */
import { writeMetalFiles } from "./generate-metal.ts";

writeMetalFiles(new URL("../../", import.meta.url));
