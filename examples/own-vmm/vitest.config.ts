export { machine as default } from "@mercury/vitest";
