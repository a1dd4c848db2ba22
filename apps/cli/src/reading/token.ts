import { idPattern, limits } from '@nexus/contracts';
import { InvalidArgumentError } from 'commander';

/** Reads what becomes one token of a subject. */
export function readToken(text: string): string {
  if (idPattern.test(text)) return text;
  throw new InvalidArgumentError(`Write it as 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ -`);
}
