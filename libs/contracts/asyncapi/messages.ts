import { z } from 'zod';
import { agentAnswerSchema, agentMessageSchema, hostAnswerSchema } from '../agent-message.js';
import { proposeRequestSchema } from '../consensus.js';
import { coordinatePartSchema, coordinateRequestSchema, listsHeader, partHeader } from '../coordinate.js';
import { hostRegisterRequestSchema, registerRequestSchema } from '../agents.js';
import { type Endpoint } from '../endpoints.js';
import { errorBodySchema, errorStatus } from '../error.js';
import { relayReportSchema } from '../relay-report.js';
import {
  agentAnswerExamples,
  agentMessageExample,
  commandExamples,
  errorExample,
  goalExamples,
  hostRegisterExample,
  registerExample,
} from './examples.js';

/** A node of the document: JSON, whose form the AsyncAPI schema checks in a test. */
export type Json = Readonly<Record<string, unknown>>;

export const ref = (...path: readonly string[]): Json => ({ $ref: `#/${path.join('/')}` });

/** JSON Schema draft 7, the dialect of AsyncAPI 3.0; what is sent in is described before defaults apply. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io });
  return rest;
}

const text = (description: string, more: Json = {}): Json => ({ type: 'string', description, ...more });

/** Headers that any message may carry. */
const anyHeaders = {
  traceparent: text('W3C trace context of the sender.'),
  tracestate: text('W3C trace state of the sender.'),
  'Content-Type': text('How the body is written; a reply uses the encoding of its request.', {
    enum: ['application/json', 'application/msgpack'],
    default: 'application/json',
  }),
};

const requestHeaders: Json = {
  type: 'object',
  properties: {
    ...anyHeaders,
    'Nats-Msg-Id': text(
      'Names the request: a repeat within 2 minutes gets the first outcome again, and no agent is asked twice.',
      { minLength: 1, maxLength: 64 },
    ),
  },
};

const replyHeaders: Json = {
  type: 'object',
  properties: {
    ...anyHeaders,
    [partHeader]: text('`final` on the last reply of a stream.', { const: 'final' }),
    [listsHeader]: text('`split` when the lists of the result travelled in the parts before it.', {
      const: 'split',
    }),
  },
};

const partHeaders: Json = {
  type: 'object',
  required: [partHeader],
  properties: { ...anyHeaders, [partHeader]: text('More is to come.', { const: 'partial' }) },
};

const errorHeaders: Json = {
  type: 'object',
  required: ['Nats-Service-Error-Code', 'Nats-Service-Error'],
  properties: {
    ...anyHeaders,
    'Nats-Service-Error-Code': text('Status of the code (NATS ADR-32).', {
      enum: Object.values(errorStatus).map(String),
    }),
    'Nats-Service-Error': text('The message of the error.'),
  },
};

const named = (examples: Readonly<Record<string, unknown>>): readonly Json[] =>
  Object.entries(examples).map(([name, payload]) => ({ name, payload }));

/** Examples by the schema of the request, so that endpoints that share one show the same. */
const requestExamples = new Map<z.ZodType, readonly Json[]>([
  [coordinateRequestSchema, named(goalExamples)],
  [registerRequestSchema, named({ worker: registerExample })],
  [hostRegisterRequestSchema, named({ two: hostRegisterExample })],
  [
    proposeRequestSchema,
    Object.entries(commandExamples).map(([name, command]) => ({ name, payload: { command } })),
  ],
]);

/** The request of an endpoint. */
export const requestMessage = ({ name, summary, request }: Endpoint): Json => ({
  name: `${name}.request`,
  summary,
  headers: requestHeaders,
  payload: jsonSchema(request, 'input'),
  ...(requestExamples.has(request) && { examples: requestExamples.get(request) }),
});

/** What an endpoint answers when it did what was asked. */
export const replyMessage = ({ name, reply }: Endpoint): Json => ({
  name: `${name}.reply`,
  summary: 'The outcome. A client tolerates fields that it does not know.',
  headers: replyHeaders,
  payload: jsonSchema(reply, 'output'),
});

/** Messages that belong to no single endpoint. */
export const standingMessages = {
  error: {
    name: 'error',
    summary:
      'The request was refused or failed; `code` says why, `retryable` whether the same may succeed later.',
    headers: errorHeaders,
    payload: jsonSchema(errorBodySchema, 'output'),
    examples: named({ refused: errorExample }),
  },
  'coordinate.part': {
    name: 'coordinate.part',
    summary: 'Some entries of the result, ahead of the final reply.',
    headers: partHeaders,
    payload: jsonSchema(coordinatePartSchema, 'output'),
  },
  'agent.message': {
    name: 'agent.message',
    summary: 'What an agent is asked or told.',
    headers: { type: 'object', properties: anyHeaders },
    payload: jsonSchema(agentMessageSchema, 'output'),
    examples: named({ gather: agentMessageExample }),
  },
  'agent.answer': {
    name: 'agent.answer',
    summary: 'What the agent answers; `data` of a vote is the option, or null to abstain.',
    headers: { type: 'object', properties: anyHeaders },
    payload: jsonSchema(agentAnswerSchema, 'input'),
    examples: named(
      Object.fromEntries(agentAnswerExamples.map((answer) => [answer.ok ? 'done' : 'failed', answer])),
    ),
  },
  'host.answer': {
    name: 'host.answer',
    summary: 'What several agents of a host answer. One message may be answered by several of these.',
    headers: { type: 'object', properties: anyHeaders },
    payload: jsonSchema(hostAnswerSchema, 'input'),
    examples: named({ several: { hostId: 'host-1', answers: agentAnswerExamples.slice(0, 1) } }),
  },
  'relay.report': {
    name: 'relay.report',
    summary:
      'What a relay says of those to whom it passed a message on. One order may be answered by several of these.',
    headers: { type: 'object', properties: anyHeaders },
    payload: jsonSchema(relayReportSchema, 'input'),
    examples: named({
      answers: { relayId: 'worker-1', answers: agentAnswerExamples.slice(0, 1) },
      aggregate: { relayId: 'worker-1', reached: ['worker-2'], state: { n: 1, extreme: 7 }, final: true },
    }),
  },
} as const satisfies Readonly<Record<string, Json>>;
