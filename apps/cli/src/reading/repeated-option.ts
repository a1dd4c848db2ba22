import { type Command, type Option } from 'commander';
import { collect, readIds } from './numbers.js';

const collecting: readonly unknown[] = [collect, readIds];

const keepsOneValue = ({ required, optional, parseArg }: Option) =>
  (required || optional) && !collecting.includes(parseArg);

/** Refuses an option that keeps one value and is given twice: the first would be dropped without a word. */
export function refuseRepeats(command: Command): Command {
  for (const option of command.options.filter(keepsOneValue)) {
    let given = false;
    command.on(`option:${option.name()}`, () => {
      if (given) command.error(`error: option '${option.flags}' is given twice, and keeps one value`);
      given = true;
    });
  }
  return command;
}
