import { type z } from 'zod';
import { type agentAnswerSchema, type agentMessageSchema } from '../agent-message.js';
import { type hostRegisterRequestSchema, type registerRequestSchema } from '../agents.js';
import { type CommandInput } from '../consensus.js';
import { type CoordinateRequestInput, type GoalType } from '../coordinate.js';
import { type ErrorBody } from '../error.js';

/** A request of each type of goal, as a stranger would write it. */
export const goalExamples: Readonly<Record<GoalType, CoordinateRequestInput>> = {
  broadcast: {
    agents: { group: 'workers' },
    goal: { type: 'broadcast', payload: { say: 'pause' }, delivery: 'acknowledged' },
  },
  gather: {
    agents: { all: true },
    goal: { type: 'gather', payload: { ask: 'load' }, aggregate: 'mean', field: '/cpu', timeoutMs: 2_000 },
  },
  consensus: {
    agents: { capability: 'vote' },
    goal: {
      type: 'consensus',
      proposal: { key: 'hash', options: ['sha256', 'sha512'] },
      quorum: 'two_thirds',
    },
  },
  load_balance: {
    agents: { group: 'workers' },
    goal: {
      type: 'load_balance',
      requests: [
        { id: 'file-1', payload: { path: 'README.md' } },
        { id: 'file-2', payload: { path: 'package.json' } },
      ],
      algorithm: 'round_robin',
    },
  },
};

/** A command of each kind to the decision log. */
export const commandExamples: Readonly<Record<CommandInput['type'], CommandInput>> = {
  put: { type: 'put', key: 'config.model', value: { name: 'small' }, expectedVersion: 0 },
  delete: { type: 'delete', key: 'config.model' },
  decide: { type: 'decide', key: 'release.42', value: 'ship' },
  'lease.acquire': { type: 'lease.acquire', resource: 'gpu-1', owner: 'worker-7', ttlMs: 10_000 },
  'lease.renew': {
    type: 'lease.renew',
    resource: 'gpu-1',
    owner: 'worker-7',
    ttlMs: 10_000,
    fencingToken: 42,
  },
  'lease.release': { type: 'lease.release', resource: 'gpu-1', owner: 'worker-7', fencingToken: 42 },
  campaign: { type: 'campaign', election: 'scheduler', candidate: 'worker-7' },
  resign: { type: 'resign', election: 'scheduler', candidate: 'worker-7' },
};

/** How an agent joins the fleet. */
export const registerExample: z.input<typeof registerRequestSchema> = {
  groups: ['workers'],
  capabilities: ['vote'],
  node: 'host-1',
  weight: 2,
};

/** How two agents of a host join it. */
export const hostRegisterExample: z.input<typeof hostRegisterRequestSchema> = {
  token: 'q3n1Zb0vJ9c8W2kXr5T7uA',
  agents: [
    { agentId: 'worker-1', groups: ['workers'] },
    { agentId: 'worker-2', groups: ['workers'], capabilities: ['vote'] },
  ],
};

/** What `goalExamples.gather` makes an agent receive. */
export const agentMessageExample: z.input<typeof agentMessageSchema> = {
  coordinationId: '01K4Z8Q2V7M3T9XW5C6D1E0FGH',
  kind: 'gather',
  payload: { ask: 'load' },
  budgetMs: 1_950,
  attempt: 1,
  from: 'coordinator-1',
};

/** What the agent answers: done, and failed. */
export const agentAnswerExamples: readonly z.input<typeof agentAnswerSchema>[] = [
  { agentId: 'worker-1', ok: true, data: { cpu: 0.25 }, load: { cpu: 0.25, memory: 0.5, queueDepth: 0 } },
  { agentId: 'worker-1', ok: false, error: { code: 'overloaded', message: 'the queue is full' } },
];

/** What comes back when a request is refused. */
export const errorExample: ErrorBody = {
  error: {
    code: 'invalid_argument',
    message: 'coordinate request: goal.timeoutMs: Too small: expected number to be >=1',
    details: [{ path: 'goal.timeoutMs', message: 'Too small: expected number to be >=1' }],
    retryable: false,
  },
};
