/**
 * The part of asc's programmatic interface that the driver uses. The compiler's own declarations would make `i32`, `console` and
 * thousands of other globals known to all host code (tsconfig.json maps the import here).
 */
export interface AscRange {
  readonly start: number;
  readonly end: number;
  readonly source: { readonly normalizedPath: string } | null;
}

export interface AscDiagnostic {
  readonly message: string;
  readonly code: number;
  /** 0 pedantic, 1 info, 2 warning, 3 error. */
  readonly category: number;
  readonly range: AscRange | null;
}

export interface AscOptions {
  readonly stdout?: { write(text: string | Uint8Array): void };
  readonly stderr?: { write(text: string | Uint8Array): void };
  readonly readFile: (name: string, baseDir: string) => string | null;
  readonly writeFile: (name: string, contents: string | Uint8Array, baseDir: string) => void;
  readonly listFiles?: (folder: string, baseDir: string) => string[];
  readonly reportDiagnostic?: (diagnostic: AscDiagnostic) => void;
  readonly transforms?: readonly object[];
}

export declare function main(argv: readonly string[], options: AscOptions): Promise<{ readonly error: Error | null }>;
