import { type ReplyTo } from '@nexus/contracts';
import { renderTable } from '@nexus/platform/terminal';
import { outcomeOf, type ShowcaseScene, type StepOutcome } from './step.js';

const candidates = ['sha256', 'sha512', 'blake2b512'];

type Decision = NonNullable<ReplyTo<'consensus'>['result']['decision']>;

export interface HashChoice extends StepOutcome {
  /** The hash that a majority of the fleet voted for. */
  readonly hash: string | undefined;
}

/**
 * Consensus: each agent measures which hash is fastest where it runs and votes for it. Without a majority the last
 * placed option is struck out and the fleet votes again, as in an instant run-off. What a majority chose is committed to
 * the decision log before it is told.
 */
export async function chooseHash(scene: ShowcaseScene): Promise<HashChoice> {
  for (let options = candidates; ;) {
    const reply = await scene.client.vote(
      { group: scene.fleet.group },
      { proposal: { key: 'manifest-hash', options }, quorum: 'majority', timeoutMs: 10_000 },
    );
    scene.say(renderTally(reply));
    const { decided, value, tally, votes, decision } = reply.result;
    const last = options.length <= 2;
    if (decided || last) {
      const hash = decided ? String(value) : undefined;
      const dissent = votes.filter(({ vote }) => vote !== value).length;
      if (decision) scene.say(renderDecision(decision));
      return {
        ...outcomeOf(reply, {
          ok: decided,
          finding: hash ? `${hash}, ${votes.length - dissent} for, ${dissent} for another` : 'no majority',
        }),
        hash,
      };
    }
    options = withoutLast(options, tally);
  }
}

function withoutLast(options: readonly string[], tally: Readonly<Record<string, number>>): string[] {
  const votesFor = (option: string) => tally[option] ?? 0;
  return options.toSorted((a, b) => votesFor(b) - votesFor(a)).slice(0, -1);
}

const renderDecision = ({ index, term, version }: Decision): string =>
  `committed to the decision log: index ${index}, term ${term}, version ${version}`;

function renderTally({ result }: ReplyTo<'consensus'>): string {
  const rows = Object.entries(result.tally)
    .toSorted(([, a], [, b]) => b - a)
    .map(([option, votes]) => [option, votes, votes >= result.quorum ? 'majority' : '']);
  return renderTable({ head: ['option', 'votes', `needs ${result.quorum}`], rows, right: [1] });
}
