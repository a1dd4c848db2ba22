import { type Fence } from '@nexus/contracts';
import { Command } from 'commander';
import { readJson } from '../reading/json.js';
import { readWhole } from '../reading/numbers.js';
import { readSource } from '../reading/text-source.js';
import { type Session } from '../session/session.js';
import { addProposalOptions, type ProposalOptions, propose } from './propose.js';
import { readFence } from './read-fence.js';

interface ValueOptions extends ProposalOptions {
  readonly expectedVersion?: number;
  readonly fence?: Fence;
}

const valueHelp = 'JSON, @file, or - for standard input';
const fenceHelp = 'only while this lease is held with this token: resource=token';
const versionHelp = 'only if it has this version; 0: only if there is none';

const readValue = async (text: string, { input }: Session) =>
  readJson(await readSource(text, input), 'the value');

const given = ({ expectedVersion, fence }: ValueOptions) => ({
  ...(expectedVersion !== undefined && { expectedVersion }),
  ...(fence && { fence }),
});

/** `nexus consensus propose put` */
export const putCommand = (session: Session): Command =>
  addProposalOptions(
    new Command('put')
      .description('set a key')
      .argument('<key>', 'what is set, as config.model')
      .argument('<value>', valueHelp)
      .option('--expected-version <n>', versionHelp, readWhole)
      .option('--fence <lease>', fenceHelp, readFence),
  )
    .addHelpText('after', '\nExample:\n  nexus consensus propose put model \'"v2"\'')
    .action(async (key: string, text: string, options: ValueOptions) => {
      const value = await readValue(text, session);
      await propose(session, options, { type: 'put', key, value, ...given(options) });
    });

/** `nexus consensus propose delete` */
export const deleteCommand = (session: Session): Command =>
  addProposalOptions(
    new Command('delete')
      .description('remove a key')
      .argument('<key>', 'what is removed')
      .option('--expected-version <n>', 'only if it has this version', readWhole)
      .option('--fence <lease>', fenceHelp, readFence),
  )
    .addHelpText('after', '\nExample:\n  nexus consensus propose delete model')
    .action((key: string, options: ValueOptions) =>
      propose(session, options, { type: 'delete', key, ...given(options) }),
    );

/** `nexus consensus propose decide` */
export const decideCommand = (session: Session): Command =>
  addProposalOptions(
    new Command('decide')
      .description('decide for good: the first value stands, and is what every later proposal gets')
      .argument('<key>', 'what is decided')
      .argument('<value>', valueHelp)
      .option('--fence <lease>', fenceHelp, readFence),
  )
    .addHelpText('after', '\nExample:\n  nexus consensus propose decide winner \'"red"\'')
    .action(async (key: string, text: string, options: ValueOptions) => {
      const { fence } = options;
      const value = await readValue(text, session);
      await propose(session, options, { type: 'decide', key, value, ...(fence && { fence }) });
    });
