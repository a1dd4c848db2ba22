import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { agentAnswerSchema, agentMessageSchema } from '../agent-message.js';
import { registerRequestSchema } from '../agents.js';
import { proposeRequestSchema } from '../consensus.js';
import { coordinateRequestSchema, goalTypes } from '../coordinate.js';
import { endpoints, type Endpoint } from '../endpoints.js';
import { errorBodySchema } from '../error.js';
import { events } from '../events.js';
import { asyncapiDocument } from './document.js';
import {
  agentAnswerExamples,
  agentMessageExample,
  commandExamples,
  errorExample,
  goalExamples,
  registerExample,
} from './examples.js';

interface Document {
  readonly channels: Record<string, { address: string | null; parameters?: object; description: string }>;
  readonly operations: Record<string, { action: string; reply?: { address: { location: string } } }>;
  readonly components: {
    readonly messages: Record<string, { payload: object; examples?: { payload: unknown }[] }>;
  };
}

const document = asyncapiDocument() as unknown as Document;
const served: Endpoint[] = Object.values(endpoints);

/** The official schema; its copy of the JSON Schema dialect is one that ajv knows by itself. */
function asyncapiValidator(): ValidateFunction {
  const path = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json');
  const schema = JSON.parse(readFileSync(path, 'utf8')) as { definitions: Record<string, unknown> };
  const { 'http://json-schema.org/draft-07/schema': _, ...definitions } = schema.definitions;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  return ajv.compile({ ...schema, definitions });
}

describe('asyncapiDocument', () => {
  const valid = asyncapiValidator();

  it('is AsyncAPI 3.0', () => {
    valid(document);
    expect(valid.errors).toBeNull();
  });

  it('is judged by a schema that refuses what is not AsyncAPI', () => {
    expect(valid({ ...document, channels: { broken: { adress: 'x' } } })).toBe(false);
    expect(valid({ ...document, operations: { broken: { action: 'shout' } } })).toBe(false);
  });

  it('has every public endpoint, and no internal one', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    for (const { template, internal } of served) {
      expect([template, addresses.includes(`nexus.${template}`)]).toEqual([template, internal !== true]);
    }
    expect(addresses.filter((address) => address?.startsWith('nexus.int.'))).toEqual([]);
  });

  it('answers every endpoint at the reply subject of the request', () => {
    for (const { name, internal } of served) {
      if (internal === true) continue;
      expect(document.operations[name]?.reply?.address.location).toBe('$message.header#/replyTo');
    }
  });

  it('has the inbox of an agent, the subject of a group and every event', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses).toContain('nexus.agent.{agentId}');
    expect(addresses).toContain('nexus.group.{group}');
    expect(addresses).toContain('nexus.group.{group}.from.{agentId}');
    for (const name of Object.keys(events)) expect(addresses).toContain(`nexus.events.${name}`);
  });

  it('has the subjects of causal delivery, and none of gossip between members', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    for (const template of ['frontier.{memberId}', 'repair.{memberId}', 'sync', 'recover']) {
      expect(addresses).toContain(`nexus.causal.${template}`);
    }
    expect(addresses.filter((address) => address?.startsWith('nexus.mesh'))).toEqual([]);
  });

  it('describes every channel and names every parameter of its address', () => {
    for (const { address, description, parameters = {} } of Object.values(document.channels)) {
      expect(description).not.toBe('');
      const names = [...(address ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(parameters)).toEqual(names);
    }
  });

  it('points at nothing that is missing', () => {
    const dangling = references(document).filter((path) => resolve(document, path) === undefined);
    expect(dangling).toEqual([]);
  });

  it('starts every subject with the prefix of the deployment', () => {
    const { channels } = asyncapiDocument('blue') as unknown as Document;
    for (const { address } of Object.values(channels)) expect(address ?? 'blue.').toMatch(/^blue\./);
  });

  it('shows examples that its own schemas accept', () => {
    const ajv = new Ajv({ strict: false });
    formats.default(ajv);
    for (const [name, { payload, examples = [] }] of Object.entries(document.components.messages)) {
      const accepts = ajv.compile(payload);
      for (const example of examples) expect([name, accepts(example.payload)]).toEqual([name, true]);
    }
  });
});

describe('examples', () => {
  it.each(goalTypes)('has a %s request that the service accepts', (type) => {
    expect(coordinateRequestSchema.parse(goalExamples[type]).goal.type).toBe(type);
  });

  it.each(Object.entries(commandExamples))('has a %s command that the service accepts', (type, command) => {
    expect(proposeRequestSchema.parse({ command }).command.type).toBe(type);
  });

  it('has a registration, a message, answers and an error that the schemas accept', () => {
    expect(registerRequestSchema.parse(registerExample)).toMatchObject(registerExample);
    expect(agentMessageSchema.parse(agentMessageExample)).toEqual(agentMessageExample);
    for (const answer of agentAnswerExamples) expect(agentAnswerSchema.parse(answer)).toEqual(answer);
    expect(errorBodySchema.parse(errorExample)).toEqual(errorExample);
  });
});

function references(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : references(value),
  );
}

function resolve(root: unknown, path: string): unknown {
  return path
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], root);
}
