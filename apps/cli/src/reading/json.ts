import { NexusError } from '@nexus/contracts';

/**
 * Reads JSON that a person wrote.
 * @param what names its origin, as `--payload`
 * @throws NexusError `invalid_argument` that says how a plain text is written
 */
export function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NexusError('invalid_argument', `${what} is not JSON: ${reason} (a text is written '"text"')`, {
      cause,
    });
  }
}
