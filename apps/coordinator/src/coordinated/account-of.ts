import {
  type AgentId,
  type CoordinateAnswer,
  coordinateAnswerSchema,
  type GoalType,
  NexusError,
} from '@nexus/contracts';
import { type GoalOf } from '../ladder/layer.js';

/** What an agent says of an operation that it ran: every agent that it was given, once. */
export interface Accounted {
  readonly answer: CoordinateAnswer;
  /** Failed or missing, by id; all others were reached. */
  readonly short: ReadonlyMap<string, Short>;
}

export type Short =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'failed';
      readonly code: CoordinateAnswer['failed'][number]['code'];
      readonly message: string;
    };

type Broadcast = Pick<GoalOf<Extract<GoalType, 'broadcast'>>, 'delivery'>;

/**
 * Reads the account of the agent that ran an operation. It must add up: nobody named twice or unasked, and numbers that
 * agree with the names.
 * @throws NexusError `internal` saying what is wrong with it
 */
export function accountOf(data: unknown, agentIds: readonly AgentId[], { delivery }: Broadcast): Accounted {
  const parsed = coordinateAnswerSchema.safeParse(data);
  if (!parsed.success) throw wrong(NexusError.fromIssues('account', parsed.error).message);
  const answer = parsed.data;
  const asked = new Set<string>(agentIds);
  const short = new Map<string, Short>();
  const note = (agentId: string, how: Short) => {
    if (!asked.has(agentId)) throw wrong(`it names agent ${agentId}, which was not asked for`);
    if (short.has(agentId)) throw wrong(`it names agent ${agentId} twice`);
    short.set(agentId, how);
  };
  for (const { agentId, code, message = code } of answer.failed)
    note(agentId, { kind: 'failed', code, message });
  for (const agentId of answer.missing) note(agentId, { kind: 'missing' });
  const reached = agentIds.length - short.size;
  if (answer.delivered > agentIds.length) throw wrong(`${answer.delivered} of ${agentIds.length} delivered`);
  if (delivery === 'acknowledged' && answer.acknowledged !== reached) {
    throw wrong(`${answer.acknowledged ?? 'none'} acknowledged, where ${reached} are left`);
  }
  if (delivery === 'at_most_once' && answer.missing.length > 0) throw wrong('nobody was to acknowledge');
  return { answer, short };
}

const wrong = (why: string) => new NexusError('internal', `malformed account of a coordinated run: ${why}`);
