/** Reads the figures of one part of a service, by their names. */
export type ReadFigures = () => Readonly<Record<string, number>>;

/** What parts of a service show of themselves in `$SRV.STATS`, beside what is told of every service. */
export class ShownFigures {
  private readonly parts = new Map<string, ReadFigures>();

  /** Shows a part's figures, read anew for each who asks; a part of that name that was there before shows no more. */
  show(part: string, read: ReadFigures): void {
    this.parts.set(part, read);
  }

  /** The figures of each part at this moment. */
  read(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries([...this.parts].map(([part, read]) => [part, read()]));
  }
}
