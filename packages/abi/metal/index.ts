/** What metal code of every layer imports: the tables' constants and structures. */
export * from "../build/metal/index";
