import { type Json, ref } from './messages.js';

/** Where a reply goes: the reply subject of the request, which NATS carries beside the headers. */
export const replyAddress: Json = {
  location: '$message.header#/replyTo',
  description:
    'The reply subject of the NATS message; answered only under the inbox prefix, `_INBOX.` by default.',
};

/** What each `{name}` of a subject stands for. */
const parameterDescriptions: Readonly<Record<string, string>> = {
  userId: 'The caller; broker permissions pin it to the credentials.',
  agentId: 'The agent; broker permissions pin it to the credentials.',
  group: 'A set of agents that joined it by registration.',
  replicaId: 'One replica of the decision log; it alone serves the subject.',
  memberId: 'Who sends causal broadcasts: an agent, or a coordinator by its node id.',
  to: 'The agent that is addressed.',
};

/** A piece of the document. */
export interface Part {
  readonly channels: Json;
  readonly operations: Json;
  readonly messages: Json;
}

export const address = (prefix: string, template: string): string => `${prefix}.${template}`;

/** A channel at an address, or at a reply subject where that is null. */
export function channel(where: string | null, summary: string, messages: readonly string[]): Json {
  const names = [...(where ?? '').matchAll(/\{([A-Za-z]+)\}/g)].map(([, name = '']) => name);
  return {
    address: where,
    description: summary,
    messages: Object.fromEntries(messages.map((name) => [name, ref('components', 'messages', name)])),
    ...(names.length > 0 && {
      parameters: Object.fromEntries(
        names.map((name) => [name, { description: parameterDescriptions[name] ?? `The ${name}.` }]),
      ),
    }),
  };
}
