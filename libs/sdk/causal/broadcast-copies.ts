import {
  type AgentMessage,
  agentMessageSchema,
  type CausalRepairReply,
  type CausalStamp,
} from '@nexus/contracts';
import { idOfSender, type Repair } from '@nexus/core/causality';
import { encodeBody } from '@nexus/wire';
import { type Letter } from '../agent/reading.js';

/** A message of a causal operation. */
export type StampedMessage = AgentMessage & { readonly causal: CausalStamp };

/**
 * The broadcasts that a repair brought, as letters that nobody waits an answer for. Anybody may have answered, and could
 * slip in anything: what was not asked for is left out, and so is what is no broadcast (orders come from Nexus, and are
 * never repaired). It is from the sender that was asked for, whatever it says itself.
 */
export function copiesIn({ messages }: CausalRepairReply, repair: Repair, subject: string): Letter[] {
  const letters: Letter[] = [];
  for (const each of messages) {
    const { data: message } = agentMessageSchema.safeParse(each);
    if (message?.kind !== 'broadcast' || !message.causal || !isWanted(message.causal, repair)) continue;
    // Its lease was on the agent that it was first sent to.
    const { fencingToken: _, ...rest } = message;
    const copy = { ...rest, from: idOfSender(repair.sender) };
    letters.push({
      message: copy,
      source: { subject, data: encodeBody(copy) },
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
