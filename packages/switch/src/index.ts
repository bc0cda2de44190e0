export { sequenced } from "./layer.ts";
