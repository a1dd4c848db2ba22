import { algorithmNames } from '@nexus/contracts';
import {
  choiceField,
  type ConfigOf,
  countOrAutoField,
  integerField,
  loadConfig,
  predictionFields,
  ratioField,
  redisFields,
  serviceFields,
} from '@nexus/platform/config';

export const coordinatorFields = {
  ...serviceFields,
  ...redisFields,
  ...predictionFields,
  workers: countOrAutoField('NEXUS_WORKERS', {
    means:
      'How many processes serve on this host, as one service: auto is one a core but one, and one at least. Each stays ' +
      'on a NUMA node where there are several, and where numactl or taskset can be run.',
    trades:
      'More serve more requests a second as long as there are cores; each has connections and memory of its own. ' +
      'Together they have /health, but no /metrics: `nexus metrics` tells of all coordinators.',
    max: 256,
    default: 1,
  }),
  agentWindow: integerField('NEXUS_AGENT_WINDOW', {
    means: 'Work that one request keeps under way at an agent that declared no maxConcurrency.',
    trades: 'More keeps fast agents busy; less is lost when an agent dies.',
    min: 1,
    max: 10_000,
    default: 16,
  }),
  directDispatch: choiceField('NEXUS_DIRECT_DISPATCH', ['on', 'off'], {
    means:
      'Whether clients that hold the route table may send work straight to agents. What is under way ends as it began.',
    trades:
      'On saves the hop through a coordinator; off has all work counted and traced by coordinators, and spares clients ' +
      'the right to publish to agents.',
    default: 'on',
  }),
  directAlgorithm: choiceField('NEXUS_DIRECT_ALGORITHM', algorithmNames, {
    means: 'By which such clients choose agents for work that names no algorithm.',
    trades:
      'power_of_two looks at two by chance, so that many clients that do not know of each other do not all run to the ' +
      'same agent; peak_ewma tells slow agents from fast ones sooner.',
    default: 'power_of_two',
  }),
  directStaleAfterMs: integerField('NEXUS_DIRECT_STALE_AFTER_MS', {
    means:
      'A client whose route table was not confirmed for so long goes through a coordinator. Routing confirms it once a ' +
      'second.',
    trades: 'Longer outlasts an outage of routing; shorter sends less work to agents that are gone.',
    unit: 'ms',
    min: 1_500,
    max: 600_000,
    default: 5_000,
  }),
  directPolicyTtlMs: integerField('NEXUS_DIRECT_POLICY_TTL_MS', {
    means:
      'How long clients go by what a coordinator told them of all this; they ask three times as often. So long it may ' +
      'take until a paused intake is for them, too.',
    trades: 'Longer outlasts an outage of all coordinators; shorter makes a change count sooner.',
    unit: 'ms',
    min: 300,
    max: 3_600_000,
    default: 10_000,
  }),
  explorationShare: ratioField('NEXUS_EXPLORATION_SHARE', {
    means:
      'Share of the coordinations that leave a choice, once there is a model, that are done in a way drawn by chance.',
    trades: 'More notices sooner that something else has become better; each costs what that way costs.',
    default: 0.05,
  }),
  modelsStaleAfterMs: integerField('NEXUS_MODELS_STALE_AFTER_MS', {
    means:
      'Models are not used any more when the intelligence service has not said for so long that they are in use. It says ' +
      'so every other second.',
    trades: 'Longer outlasts an outage of it; shorter trusts no model that nobody watches.',
    unit: 'ms',
    min: 5_000,
    max: 86_400_000,
    default: 60_000,
  }),
  modelsUntrainedMsMax: integerField('NEXUS_MODELS_UNTRAINED_MS_MAX', {
    means: 'The same when nothing was trained for so long, although the service is there.',
    trades:
      'Longer outlasts an outage of Redis or of its jobs; shorter trusts no model that is not kept up to date.',
    unit: 'ms',
    min: 10_000,
    max: 604_800_000,
    default: 3_600_000,
  }),
  censusIntervalMs: integerField('NEXUS_CENSUS_INTERVAL_MS', {
    means: 'How often the coordinator in office counts the fleet.',
    trades: 'More often is fresher, and costs an entry of the decision log each time.',
    unit: 'ms',
    min: 100,
    max: 3_600_000,
    default: 10_000,
  }),
  officeTtlMs: integerField('NEXUS_OFFICE_TTL_MS', {
    means:
      'How long the office of the periodic duties outlives the coordinator that holds it; the candidates stand for it ' +
      'at a third of it.',
    trades: 'Shorter hands it on sooner, and costs more entries of the decision log.',
    unit: 'ms',
    min: 300,
    max: 600_000,
    default: 10_000,
  }),
};

export type CoordinatorConfig = ConfigOf<typeof coordinatorFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export const loadCoordinatorConfig = (env = process.env): CoordinatorConfig =>
  loadConfig({ service: 'coordinator', fields: coordinatorFields, env });
