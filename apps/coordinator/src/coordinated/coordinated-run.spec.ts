import { describe, expect, it } from '@jest/globals';
import {
  agentIdSchema,
  coordinateRequestSchema,
  NexusError,
  parse,
  routeSchema,
  userIdSchema,
} from '@nexus/contracts';
import { newCoordinationId } from '../coordination/coordination-id.js';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { type GoalOf } from '../ladder/layer.js';
import { CoordinatedRun, type CoordinatedRunOptions } from './coordinated-run.js';

const agentId = parse(agentIdSchema, 'conductor', 'agent');
const route = routeSchema.parse({
  ...{ agentId, groups: [], capabilities: [], weight: 1, liveness: 'alive' },
  ...{ registeredAt: new Date(0).toISOString(), tokenHash: '', version: 1 },
});

const operation = () =>
  new Coordination<GoalOf<'broadcast'>>({
    ...{ id: newCoordinationId(), user: parse(userIdSchema, 'user', 'user') },
    request: parse(
      coordinateRequestSchema,
      { agents: { all: true }, goal: { type: 'broadcast', ordering: 'causal', coordinator: agentId } },
      'request',
    ) as Coordination<GoalOf<'broadcast'>>['request'],
    targets: { agents: [], unknown: [], selector: { all: true }, routes: { version: 1, ageMs: 0 } },
    ...{ deadline: new Deadline(1_000), clock: {}, traceId: '0'.repeat(32), parts: noParts },
  });

/** Agents of whom none can be sent a message of this size. */
const narrow: CoordinatedRunOptions = {
  line: {
    settle: () => Promise.resolve(),
    open: () => ({ send: () => undefined, close: () => undefined }),
    writer: () => {
      throw new NexusError('payload_too_large', 'no message can carry it');
    },
  },
  fleet: { find: () => route, onAgentGone: () => () => undefined },
  telling: { placeTargeted: () => ({ causal: { sender: 'c.aaaaaaaa' as never, after: {} }, clock: {} }) },
  hearsay: { learnOfRun: () => undefined },
};

describe('an operation that an agent is to run', () => {
  it('fails for the reason for which the agent could not be sent it', async () => {
    await expect(new CoordinatedRun(narrow).execute(operation(), route)).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });
});
