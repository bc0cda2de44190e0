import type { Cpu, CpuLayer } from "@mercury/x86";

/** A processor's layer that gives out what it made: registers, RAM and counters of a machine that has ended. */
export interface KeptCpu {
  readonly cpu: CpuLayer;
  /** The processor that was made last; throws an Error before there is one. */
  readonly last: () => Cpu;
}

export function keptCpu(inner: CpuLayer): KeptCpu {
  const made: Cpu[] = [];
  const create: CpuLayer["create"] = (options) => {
    const cpu = inner.create(options);
    made.push(cpu);
    return cpu;
  };
  return {
    cpu: { ...inner, create },
    last: () => {
      const cpu = made.at(-1);
      if (cpu === undefined) throw new Error("no processor was made");
      return cpu;
    },
  };
}
