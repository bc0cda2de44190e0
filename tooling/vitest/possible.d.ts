/**
 * Whether tests can be run that need more than Node. Where something is missing they are to be skipped, and one line says why; with the
 * environment's CI set it is an error, as nothing is skipped there.
 *
 * @param tests what would be skipped, as the line is to name it
 * @param missing what is missing, and where one gets it; null: nothing
 */
export declare function possible(tests: string, missing: string | null): boolean;
