import { coordinateReplySchema } from '../coordinate.js';
import { type Endpoint, endpoints } from '../endpoints.js';
import { events } from '../events.js';
import { idPattern } from '../ids.js';
import { publicRoutesDeltaSchema, routesBeaconSchema } from '../routes.js';
import { subjects } from '../subjects.js';
import { causalPart } from './causal-part.js';
import { type Json, jsonSchema, ref, replyMessage, requestMessage, standingMessages } from './messages.js';
import { address, channel, type Part, replyAddress } from './part.js';

/** Version of the wire contract; a change that breaks a client raises the first number. */
const contractVersion = '1.0.0';

const description = `Coordination for fleets of agents over plain NATS: JSON objects on subjects, replies to the \
reply subject, trace context in headers. Subjects start with \`nexus.\`, or with the prefix of the deployment. Ids \
match \`${idPattern.source}\`. A request with an unknown field is refused, naming it.`;

/**
 * The public wire as an AsyncAPI 3.0 document, from the schemas that the services validate with. It speaks from
 * Nexus' side: Nexus receives requests, and sends to agents and listeners.
 */
export function asyncapiDocument(prefix = 'nexus'): Json {
  const served = Object.values<Endpoint>(endpoints).filter(({ internal }) => internal !== true);
  const parts = [
    ...served.map((endpoint) => endpointPart(prefix, endpoint)),
    agentPart(prefix),
    causalPart(prefix),
    ...routesParts(prefix),
    ...Object.entries(events).map(([name, schema]) => eventPart(prefix, name, jsonSchema(schema, 'output'))),
  ];
  const merged = (key: keyof Part): Json => Object.assign({}, ...parts.map((part) => part[key])) as Json;
  return {
    asyncapi: '3.0.0',
    info: { title: 'Nexus', version: contractVersion, description, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      nats: { host: '127.0.0.1:4222', protocol: 'nats', description: 'The broker of the deployment.' },
    },
    channels: merged('channels'),
    operations: merged('operations'),
    components: { messages: { ...standingMessages, ...merged('messages') } },
  };
}

/** The document as it stands in the repository. */
export const renderAsyncapi = (): string => `${JSON.stringify(asyncapiDocument(), null, 2)}\n`;

function endpointPart(prefix: string, endpoint: Endpoint): Part {
  const { name, service, summary, template, own } = endpoint;
  const requestName = `${name}.request`;
  const replyName = `${name}.reply`;
  const streams = endpoint.reply === coordinateReplySchema;
  const replies = [replyName, ...(streams ? ['coordinate.part'] : []), 'error'];
  return {
    channels: {
      [name]: channel(address(prefix, template), summary, [requestName]),
      [replyName]: channel(null, `Where \`${name}\` answers: an inbox of the asker.`, replies),
    },
    operations: {
      [name]: {
        action: 'receive',
        channel: ref('channels', name),
        summary,
        messages: [ref('channels', name, 'messages', requestName)],
        bindings: { nats: { ...(own === undefined && { queue: service }), bindingVersion: '0.1.0' } },
        reply: {
          address: replyAddress,
          channel: ref('channels', replyName),
          messages: replies.map((reply) => ref('channels', replyName, 'messages', reply)),
        },
      },
    },
    messages: { [requestName]: requestMessage(endpoint), [replyName]: replyMessage(endpoint) },
  };
}

type AnswerName = 'agent.answer' | 'host.answer' | 'relay.report';

/** The agent's side: its inbox or that of its host, the subjects of its groups, and its answers. */
function agentPart(prefix: string): Part {
  const ask = (name: string, summary: string, answers: readonly AnswerName[] = ['agent.answer']): Json => ({
    action: 'send',
    channel: ref('channels', name),
    summary,
    messages: [ref('channels', name, 'messages', 'agent.message')],
    reply: {
      address: { ...replyAddress, description: 'The reply subject of the message, where it has one.' },
      channel: ref('channels', 'agent.answer'),
      messages: answers.map((answer) => ref('channels', 'agent.answer', 'messages', answer)),
    },
  });
  const inbox = 'Nexus addresses one agent.';
  const group =
    'Nexus addresses every agent of a group with one message. Agents that registered with `groupSubjects`, and hosts, ' +
    'answer on the reply subject followed by a dot and the tag of their registration.';
  const host = 'Nexus addresses those agents of a host that the message names.';
  const hosted = 'Nexus addresses one agent of a host.';
  const groupPeer = 'An agent addresses every agent of a group, itself among them.';
  const agentPeer =
    'An agent addresses another one, in an operation that it coordinates, or passes on to it what Nexus has it relay.';
  return {
    channels: {
      'agent.inbox': channel(address(prefix, subjects.agent), inbox, ['agent.message']),
      'agent.group': channel(address(prefix, subjects.group), group, ['agent.message']),
      'agent.group.peer': channel(address(prefix, subjects.groupPeer), groupPeer, ['agent.message']),
      'agent.peer': channel(address(prefix, subjects.agentPeer), agentPeer, ['agent.message']),
      'agent.host': channel(address(prefix, subjects.host), host, ['agent.message']),
      'agent.hosted': channel(address(prefix, subjects.hostedAgent), hosted, ['agent.message']),
      'agent.answer': channel(null, 'Where an agent or a host answers: an inbox of the coordinator.', [
        'agent.answer',
        'host.answer',
        'relay.report',
      ]),
    },
    operations: {
      'agent.inbox': ask('agent.inbox', inbox, ['agent.answer', 'relay.report']),
      'agent.group': ask('agent.group', group, ['agent.answer', 'host.answer']),
      'agent.host': ask('agent.host', host, ['host.answer']),
      'agent.hosted': ask('agent.hosted', hosted),
      'agent.group.peer': ask('agent.group.peer', groupPeer),
      'agent.peer': ask('agent.peer', agentPeer),
    },
    messages: {},
  };
}

/** What a client hears that holds the route table itself. */
function routesParts(prefix: string): Part[] {
  const change = 'The route table changed.';
  const beacon = 'How far the route table has come: who has not heard that far asks for it anew.';
  return [
    told(
      'routes.delta',
      address(prefix, subjects.publicRoutesDelta),
      change,
      jsonSchema(publicRoutesDeltaSchema, 'output'),
    ),
    told(
      'routes.beacon',
      address(prefix, subjects.publicRoutesBeacon),
      beacon,
      jsonSchema(routesBeaconSchema, 'output'),
    ),
  ];
}

function eventPart(prefix: string, name: string, payload: Json): Part {
  const [domain = '', event = ''] = name.split('.');
  const key = `event.${name}`;
  const subject = subjects.event.replace('{domain}', domain).replace('{event}', event);
  const summary = `\`${name}\` happened.`;
  return told(key, address(prefix, subject), summary, payload);
}

/** What Nexus tells whoever listens. */
function told(key: string, subject: string, summary: string, payload: Json): Part {
  return {
    channels: { [key]: channel(subject, summary, [key]) },
    operations: {
      [key]: {
        action: 'send',
        channel: ref('channels', key),
        summary,
        messages: [ref('channels', key, 'messages', key)],
      },
    },
    messages: { [key]: { name: key, summary, payload } },
  };
}
