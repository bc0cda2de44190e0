export { unix } from "./layer.ts";
