import { join } from 'node:path';
import { Command } from 'commander';
import { runProgram } from '../session/run-program.js';
import { type Session } from '../session/session.js';

const examples = `
Exit code 0 when what is shown holds, else 1.

Examples:
  nexus chaos consensus --help
  nexus chaos consensus --rounds 10
  nexus chaos consensus --rounds 100 --replicas 5 --seed 7 --json
  nexus chaos membership --duration 5m
  nexus chaos work --redis`;

/** What is broken: each trial reads its options itself, and has a help of its own. */
const trials = {
  consensus: 'kill, pause, cut off and restart replicas of a decision log under load, then judge it',
  membership: 'kill services and agents again and again, and judge what the others believe of them',
  work: 'kill agents that have work in flight, and Redis, and count what became of each piece',
} as const;

/** `nexus chaos` */
export function chaosCommand(session: Session): Command {
  const command = new Command('chaos').description('break things on purpose, and see what holds');
  for (const [name, what] of Object.entries(trials)) command.addCommand(trialCommand(session, name, what));
  return command.addHelpText('after', examples);
}

const trialCommand = (session: Session, name: string, what: string): Command =>
  new Command(name)
    .description(what)
    .usage('[options]')
    .argument('[options...]', `as nexus chaos ${name} --help tells`)
    .helpOption(false)
    .allowUnknownOption()
    .addHelpText('after', examples)
    .action((args: string[]) => {
      const entry = join(session.installation.root, 'dist', 'trials', 'chaos', name, 'main.js');
      return runProgram(session, { entry, what: 'the trial' }, args);
    });
