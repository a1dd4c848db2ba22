import { type CommandInput } from '@nexus/contracts';

const keys = 1_000;
let count = 0;

/** What every contender commits: one of a thousand keys, and about a hundred bytes. */
export function nextCommand(): { readonly key: string; readonly value: string } {
  count += 1;
  return { key: `bench-${count % keys}`, value: `${String(count).padStart(12, '0')}${filler}` };
}

const filler = 'x'.repeat(88);

/** For those that keep bytes. */
export function commandBytes(): Uint8Array {
  const { key, value } = nextCommand();
  return Buffer.from(`${key}=${value}`, 'latin1');
}

/** For Nexus. */
export const putCommand = () => ({ type: 'put', ...nextCommand() }) as const satisfies CommandInput;
