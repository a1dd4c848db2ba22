import { type Colours, printable } from '@nexus/platform/terminal';

/** A name and what stands beside it; undefined where there is nothing to say. */
export type Fact = readonly [name: string, value: string | undefined];

const nameChars = 11;

/** Facts for people, one a line. */
export const renderFacts = (facts: readonly Fact[], paint: Colours): string =>
  facts
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${paint.dim(name.padEnd(nameChars))}${printable(value)}`],
    )
    .join('\n');
