import { Command, CommanderError } from 'commander';
import { agentsCommand } from './agents/agents.command.js';
import { chaosCommand } from './chaos/chaos.command.js';
import { decisionLogCommand } from './consensus/consensus.command.js';
import { coordinateCommand } from './coordinate/coordinate.command.js';
import { doctorCommand } from './doctor/doctor.command.js';
import { exitCodesHelp } from './ending/exit-codes.js';
import { gossipCommand } from './gossip/gossip.command.js';
import { membersCommand } from './gossip/members.command.js';
import { anomaliesCommand } from './intelligence/anomalies.command.js';
import { explainCommand } from './intelligence/explain.command.js';
import { modelsCommand } from './intelligence/models.command.js';
import { placeCommand } from './intelligence/place.command.js';
import { predictCommand } from './intelligence/predict.command.js';
import { metricsCommand } from './metrics/metrics.command.js';
import { refuseMisplaced } from './reading/misplaced-option.js';
import { refuseRepeats } from './reading/repeated-option.js';
import { type Session } from './session/session.js';
import { simulateCommand } from './simulate/simulate.command.js';
import { statusCommand } from './status/status.command.js';
import { upCommand } from './up/up.command.js';

const help = `${exitCodesHelp}

Environment:
  NEXUS_NATS_URL, NEXUS_PREFIX            where Nexus is, and the first token of its subjects
  NEXUS_NATS_USER, NEXUS_NATS_PASSWORD    credentials for NATS
  NEXUS_DATA_DIR                          data of a stack on this machine (default: .nexus of this checkout)
  NO_COLOR, FORCE_COLOR                   colours never, or also in pipes

Example:
  nexus up --showcase
  nexus coordinate gather --group workers --aggregate mean --field /cpu`;

/** In the order in which help shows them. */
const commands = [
  upCommand,
  statusCommand,
  agentsCommand,
  membersCommand,
  coordinateCommand,
  metricsCommand,
  decisionLogCommand,
  gossipCommand,
  modelsCommand,
  predictCommand,
  explainCommand,
  anomaliesCommand,
  placeCommand,
  doctorCommand,
  chaosCommand,
  simulateCommand,
];

/** The tree of commands. Nothing in it ends the process: what is wrong is thrown. */
export function createProgram(session: Session): Command {
  const program = new Command('nexus')
    .description('Coordinates fleets of agents over NATS.')
    .version(session.installation.version)
    .addHelpText('after', help)
    // Options after a command are that command's: some have the same ones as their subcommands.
    .enablePositionalOptions();
  for (const command of commands) program.addCommand(command(session));
  const writeOut = (text: string) => session.output.print(text.trimEnd());
  const writeErr = (text: string) => session.output.note(text.trimEnd());
  return prepare(program, (command) =>
    refuseMisplaced(refuseRepeats(command))
      .exitOverride()
      .allowExcessArguments(false)
      // What is wrong is rendered where every other error is.
      .configureOutput({ writeOut, writeErr, outputError: () => undefined }),
  );
}

/** Commander hands settings down only to commands that are created by their parent. */
function prepare(command: Command, settle: (command: Command) => Command): Command {
  for (const child of command.commands) prepare(child, settle);
  return settle(command);
}

/** Whether what was thrown only says that help or the version was shown. */
export const isHelp = (thrown: unknown): thrown is CommanderError =>
  thrown instanceof CommanderError &&
  ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(thrown.code);
