import { type RelayOrder, type RelayReport } from '@nexus/contracts';
import { createAggregator } from '@nexus/core/aggregation';
import { answersIn, type Reading } from '@nexus/wire';
import { type Merge } from '../../patterns/asker.js';
import { type RosterKeeper } from '../../patterns/roster-keeper.js';
import { type Account, type ReadAccount } from './relay-exchange.js';

/** Longer messages of failures are cut, as those of agents that are asked alone are. */
const failureCharsMax = 512;

export interface AccountReading {
  readonly want: RelayOrder['want'];
  readonly merge: Merge | undefined;
  readonly keeper: RosterKeeper;
  readonly reading: Reading;
  /** The agent's place among the targets; undefined when it is none. */
  readonly slotOf: (agentId: string) => number | undefined;
  /** The relay could not reach these. */
  readonly onUnreached: (slots: readonly number[]) => void;
  /** These were asked, and were silent. */
  readonly onSilent: (slots: readonly number[]) => void;
}

/** Nobody has this place. */
const nowhere = -1;

/** Reads reports by what was ordered. Nothing has an effect before the whole account is found to add up. */
export function accountReader(options: AccountReading): ReadAccount {
  const { keeper, slotOf, want, merge } = options;
  const slotsOf = (entries: readonly { readonly agentId: string }[] = []) =>
    entries.map(({ agentId }) => slotOf(agentId) ?? nowhere);
  const places = (ids: readonly string[] = []) => ids.map((agentId) => slotOf(agentId) ?? nowhere);
  return (report, reportBytes): Account | undefined => {
    if (!isAsOrdered(report, want, merge)) return undefined;
    const answered = slotsOf(report.answers);
    const [reached, failed] = [places(report.reached), slotsOf(report.failed)];
    const [unreached, silent] = [places(report.unreached), places(report.missing)];
    return {
      settled: [...answered, ...reached, ...failed, ...unreached],
      silent,
      enter: () => {
        const { reading, onUnreached, onSilent } = options;
        keeper.delivered += answered.length + reached.length + failed.length + silent.length;
        answersIn(report, reportBytes, reading).forEach((answer, at) => keeper.enter(answered[at]!, answer));
        if (report.state) merge?.absorb(report.state);
        for (const slot of reached) enterReached(keeper, want, slot);
        report.failed?.forEach(({ code, message = code }, at) =>
          keeper.fail(failed[at]!, code, message.slice(0, failureCharsMax)),
        );
        if (unreached.length > 0) onUnreached(unreached);
        if (silent.length > 0) onSilent(silent);
      },
    };
  };
}

/** An acknowledgement is told of as one; a message that was only sent has none, and an aggregate is in already. */
function enterReached(keeper: RosterKeeper, want: RelayOrder['want'], slot: number): void {
  if (want === 'receipts') keeper.enter(slot, { kind: 'done', data: null });
  else keeper.note(slot);
}

/** Whoever answers is in the list that was asked for, and an aggregate is of no more than those who have. */
function isAsOrdered(
  { answers = [], reached = [], state }: RelayReport,
  want: RelayOrder['want'],
  merge: Merge | undefined,
): boolean {
  if (want === 'answers') return reached.length === 0 && state === undefined;
  if (answers.length > 0) return false;
  if (want !== 'aggregate' || !merge) return state === undefined;
  if (reached.length === 0) return state === undefined;
  return state !== undefined && state.n <= reached.length && createAggregator(merge.name).absorb(state);
}
