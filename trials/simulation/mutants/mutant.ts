/** A mistake that is planted into the source of a core, to see whether the simulation notices. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong with it. */
  readonly why: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}
