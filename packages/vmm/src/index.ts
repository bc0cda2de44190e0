export { chunked } from "./layer.ts";
