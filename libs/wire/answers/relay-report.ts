import { type Msg } from '@nats-io/transport-node';
import { NexusError, type RelayReport, relayReportSchema } from '@nexus/contracts';
import { type Answer, answerIn, bodyOf, type Reading } from './answer.js';

/** Levels of nesting that a report puts around an answer: its list. */
const reportLevels = 2;

/** What a relay sent; `malformed` when it is no report of this relay. */
export type RelayReading =
  | { readonly kind: 'report'; readonly report: RelayReport }
  | { readonly kind: 'malformed'; readonly why: string };

/** Reads what came on the reply subject of a relay; it never throws. */
export function readRelayReport(message: Msg, relayId: string, bodyBytesMax: number): RelayReading {
  try {
    const parsed = relayReportSchema.safeParse(bodyOf(message, bodyBytesMax, reportLevels));
    if (!parsed.success) throw NexusError.fromIssues('report', parsed.error);
    if (parsed.data.relayId !== relayId) return { kind: 'malformed', why: `it names ${parsed.data.relayId}` };
    return { kind: 'report', report: parsed.data };
  } catch (thrown) {
    return { kind: 'malformed', why: NexusError.from(thrown).message };
  }
}

/**
 * The answers that a report of so many bytes carries, in its order. Called once it is clear that they may be believed, as
 * they take room in the result; none can spoil another.
 */
export function answersIn({ answers = [] }: RelayReport, reportBytes: number, reading: Reading): Answer[] {
  // What each took of the message nobody can tell without writing it anew: an equal share.
  const bytesEach = Math.ceil(reportBytes / Math.max(1, answers.length));
  return answers.map((answer) => answerIn(answer, bytesEach, reading));
}
