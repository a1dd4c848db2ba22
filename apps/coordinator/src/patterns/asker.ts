import { type CoordinateReply, type mergedAggregateNames } from '@nexus/contracts';
import { type AggregateState } from '@nexus/core/aggregation';
import { type AgentRoster, type Coordination } from '../coordination/coordination.js';
import { type Admit, noParts } from '../coordination/part-sink.js';
import { type Letter } from '../fleet/agent-line.js';
import { type BodyFor } from '../fleet/body.js';
import { type Answer } from '@nexus/wire';

export interface Question extends Letter {
  /** Turns an answer into what the goal needs of it, or into a failure of that agent. */
  readonly interpret?: (data: unknown) => Answer;
  /**
   * Writes the messages, in the turn in which they are sent: what stands in them about the order of things is then the
   * order in which they leave. Default: the same for all.
   */
  readonly write?: () => BodyFor;
  /** Told of each answer as it comes. */
  readonly onAnswered?: (agentId: string, data: unknown) => void;
  /** Whether what was answered is kept for the account. Default true. */
  readonly keepsAnswers?: boolean;
  /** Whether an answer takes room in the result: it is kept somewhere, or shown as it comes. Default: `keepsAnswers`. */
  readonly needsRoom?: boolean;
  /** How answers may be brought together before they come here, where nobody wants to see each. */
  readonly merge?: Merge;
}

/** Takes in aggregates of answers in the place of the answers. */
export interface Merge {
  readonly name: (typeof mergedAggregateNames)[number];
  /** JSON Pointer into each answer. */
  readonly field: string;
  /** @returns false, and nothing is changed, for what cannot be */
  readonly absorb: (state: AggregateState) => boolean;
}

/** What lets the answers to a question in. */
export const admitFor = (
  { parts }: Coordination,
  { keepsAnswers = true, needsRoom = keepsAnswers }: Question,
): Admit => (needsRoom ? parts.admit : noParts.admit);

/** What came of telling or asking the targeted agents. */
export interface Asked {
  readonly roster: AgentRoster;
  /** Agents whose message was handed to the broker, which did not say that nobody listens. */
  readonly delivered: number;
  /** How relays did, where there were any. */
  readonly relaying?: NonNullable<CoordinateReply['explain']['relaying']>;
}

/** Port: how a layer reaches the targeted agents, all with the same message. */
export interface Asker {
  /** Waits for the answer of each, at most until the deadline; whoever was silent until then is missing. */
  ask(coordination: Coordination, question: Question): Promise<Asked>;
  /** Waits for nothing but the broker's word that it has the messages. */
  tell(coordination: Coordination, question: Question): Promise<Asked>;
}
