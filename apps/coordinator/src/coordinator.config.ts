import { type ConfigOf, integerField, loadConfig, redisFields, serviceFields } from '@nexus/platform/config';

export const coordinatorFields = {
  ...serviceFields,
  ...redisFields,
  agentWindow: integerField('NEXUS_AGENT_WINDOW', {
    means: 'Work that one request keeps under way at an agent that declared no maxConcurrency.',
    trades: 'More keeps fast agents busy; less is lost when an agent dies.',
    min: 1,
    max: 10_000,
    default: 16,
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
