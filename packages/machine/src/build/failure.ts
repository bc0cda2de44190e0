import { ImageCheckError, LinkError, MetalBuildError } from "@mercury/toolchain";
import { MachineError } from "../errors.ts";

/** Does a step of the build; what is wrong with the sources becomes an error of kind `build` that names the image. */
export async function building<Result>(name: string, step: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof MetalBuildError) throw new MachineError("build", `${name} does not compile`, error.message, { cause: error });
    if (error instanceof LinkError) throw new MachineError("build", `${name} does not link`, error.message, { cause: error });
    if (error instanceof ImageCheckError) throw new MachineError("build", `${name} holds instructions that it may not`, error.message, { cause: error });
    throw error;
  }
}
