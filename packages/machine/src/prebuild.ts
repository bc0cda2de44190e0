// The last step of this package's build: makes the image of the default layers, which is shipped with the package.
import { BuildCache } from "./build/cache.ts";
import { defineMachine } from "./define.ts";
import { assembleImage, sourcesOf } from "./image.ts";
import { writeShipped } from "./prebuilt.ts";

const machine = defineMachine();
writeShipped(sourcesOf(machine), await assembleImage(machine, new BuildCache()));
