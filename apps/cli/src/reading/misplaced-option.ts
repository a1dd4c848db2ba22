import { type Command } from 'commander';

/** Refuses an option that stands before a subcommand: the subcommand would not see it. */
export function refuseMisplaced(command: Command): Command {
  return command.hook('preSubcommand', (parent, child) => {
    const given = parent.options.find(
      (option) => parent.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (given) parent.error(`error: write option '${given.flags}' after ${child.name()}`);
  });
}
