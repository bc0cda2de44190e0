export { patched } from "./layer.ts";
