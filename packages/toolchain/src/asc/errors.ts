/** One thing that is wrong with metal code. */
export interface MetalDiagnostic {
  /** The real file, absolute, or null when the problem has no place (an option, a missing package). */
  readonly file: string | null;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly message: string;
}

/** Metal code that the build refuses: wrong AssemblyScript, or right AssemblyScript that breaks a rule of metal code. */
export class MetalBuildError extends Error {
  override readonly name = "MetalBuildError";
  readonly diagnostics: readonly MetalDiagnostic[];

  constructor(diagnostics: readonly MetalDiagnostic[]) {
    super(diagnostics.map(describe).join("\n"));
    this.diagnostics = diagnostics;
  }
}

function describe({ file, line, message }: MetalDiagnostic): string {
  if (file === null) return message;
  return line === 0 ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}
