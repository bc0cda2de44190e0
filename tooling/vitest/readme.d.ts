/**
 * Runs the first JavaScript block of a README, which imports one package alone: what it printed, and what the README says of that, its first
 * text block. Throws when either block is missing, and what the example throws.
 *
 * @param file the README
 * @param name the package's, as the example imports it
 * @param module what stands for the package
 */
export declare function runExample(file: URL, name: string, module: object): { readonly printed: string; readonly promised: string };
