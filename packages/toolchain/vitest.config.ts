export { node as default } from "@mercury/vitest";
