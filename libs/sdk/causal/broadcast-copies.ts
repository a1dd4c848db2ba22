import {
  type AgentMessage,
  agentMessageSchema,
  type CausalRepairReply,
  type CausalStamp,
} from '@nexus/contracts';
import { type Repair } from '@nexus/core/causality';
import { encodeBody } from '@nexus/wire';
import { type Letter } from '../agent/reading.js';

/** A message of a causal operation. */
export type StampedMessage = AgentMessage & { readonly causal: CausalStamp };

/**
 * The broadcasts that a repair brought, as letters that nobody waits an answer for. What was not asked for is left out:
 * whoever answers could slip in anything.
 */
export function copiesIn({ messages }: CausalRepairReply, repair: Repair, subject: string): Letter[] {
  const letters: Letter[] = [];
  for (const each of messages) {
    const { data: message } = agentMessageSchema.safeParse(each);
    if (!message?.causal || !isWanted(message.causal, repair)) continue;
    // Its lease was on the agent that it was first sent to.
    const { fencingToken: _, ...rest } = message;
    letters.push({
      message: rest,
      source: { subject, data: encodeBody(rest) },
      encoding: 'json',
      replySubject: undefined,
    });
  }
  return letters;
}

function isWanted({ sender, broadcast }: CausalStamp, wanted: Repair): boolean {
  if (!broadcast || sender !== wanted.sender || broadcast.channel !== wanted.channel) return false;
  return broadcast.sequence >= wanted.from && broadcast.sequence <= wanted.to;
}
