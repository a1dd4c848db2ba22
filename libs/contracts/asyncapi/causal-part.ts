import { type z } from 'zod';
import {
  causalRepairReplySchema,
  causalRepairRequestSchema,
  causalSyncReplySchema,
  causalSyncRequestSchema,
  senderFrontierSchema,
} from '../causality.js';
import { subjects } from '../subjects.js';
import { type Json, jsonSchema, ref } from './messages.js';
import { address, channel, type Part, replyAddress } from './part.js';

interface Question {
  readonly name: string;
  readonly template: string;
  readonly summary: string;
  readonly request: z.ZodType;
  readonly reply: z.ZodType;
}

const repair = { request: causalRepairRequestSchema, reply: causalRepairReplySchema } as const;

/** What an agent that takes part in causal delivery asks, beside the messages themselves. */
const questions: readonly Question[] = [
  {
    name: 'causal.sync',
    template: subjects.causalSync,
    summary: 'Who begins to listen asks all senders where they stand; each answers for itself.',
    request: causalSyncRequestSchema,
    reply: causalSyncReplySchema,
  },
  {
    ...repair,
    name: 'causal.repair',
    template: subjects.causalRepair,
    summary: 'Who misses broadcasts asks their sender for them.',
  },
  {
    ...repair,
    name: 'causal.recover',
    template: subjects.causalRecover,
    summary: 'Who misses broadcasts that their sender does not give asks whoever has kept them.',
  },
];

/** The subjects by which causal order survives loss, restarts and newcomers. */
export function causalPart(prefix: string): Part {
  const parts = [...questions.map((question) => questionPart(prefix, question)), frontierPart(prefix)];
  const merged = (key: keyof Part): Json => Object.assign({}, ...parts.map((part) => part[key])) as Json;
  return { channels: merged('channels'), operations: merged('operations'), messages: merged('messages') };
}

function questionPart(prefix: string, { name, template, summary, request, reply }: Question): Part {
  const requestName = `${name}.request`;
  const replyName = `${name}.reply`;
  return {
    channels: {
      [name]: channel(address(prefix, template), summary, [requestName]),
      [replyName]: channel(null, `Where \`${name}\` is answered: an inbox of the asker.`, [replyName]),
    },
    operations: {
      [name]: {
        action: 'receive',
        channel: ref('channels', name),
        summary,
        messages: [ref('channels', name, 'messages', requestName)],
        reply: {
          address: replyAddress,
          channel: ref('channels', replyName),
          messages: [ref('channels', replyName, 'messages', replyName)],
        },
      },
    },
    messages: {
      [requestName]: { name: requestName, summary, payload: jsonSchema(request, 'input') },
      [replyName]: {
        name: replyName,
        summary: `The answer to \`${name}\`.`,
        payload: jsonSchema(reply, 'output'),
      },
    },
  };
}

function frontierPart(prefix: string): Part {
  const name = 'causal.frontier';
  const summary = 'A sender tells how far it has come, so that the loss of its last broadcast is noticed.';
  return {
    channels: { [name]: channel(address(prefix, subjects.causalFrontier), summary, [name]) },
    operations: {
      [name]: {
        action: 'send',
        channel: ref('channels', name),
        summary,
        messages: [ref('channels', name, 'messages', name)],
      },
    },
    messages: { [name]: { name, summary, payload: jsonSchema(senderFrontierSchema, 'output') } },
  };
}
