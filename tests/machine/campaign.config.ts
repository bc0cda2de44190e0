import { machine } from "@mercury/vitest";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Runs that take too long for `npm test`; `npm run campaign` here starts them. */
const config: ViteUserConfig = defineConfig({ test: { ...machine.test, include: ["debian/*.campaign.ts"], reporters: ["verbose"] } });
export default config;
