import { attemptsMax } from '@nexus/balancer';
import {
  algorithmNames,
  type AlgorithmName,
  type CoordinationSettings,
  type DirectPolicy,
  layerNames,
  limits,
} from '@nexus/contracts';
import { flowingRetryDefaults } from '@nexus/core/resilience';

/** How this deployment has clients share work out by themselves. */
export interface DirectTerms {
  readonly directDispatch: 'on' | 'off';
  readonly directAlgorithm: AlgorithmName;
  readonly directStaleAfterMs: number;
  readonly directPolicyTtlMs: number;
  readonly agentWindow: number;
  readonly requestBytesMax: number;
}

/** What a request has around the payload of a unit of work at most, in bytes: its selector, its ids, its key. */
const requestAroundBytes = 1_024;

/** What clients may do under the settings of the moment: never more than a coordinator would do for them. */
export function directPolicyOf(terms: DirectTerms, settings: CoordinationSettings): DirectPolicy {
  const reason = refusalOf(terms, settings);
  return {
    direct: reason === undefined,
    ...(reason !== undefined && { reason }),
    algorithms: [...algorithmNames],
    algorithm: terms.directAlgorithm,
    agentWindow: terms.agentWindow,
    attemptsMax,
    retryRatio: flowingRetryDefaults.ratio,
    retriesPerS: flowingRetryDefaults.perSecond,
    payloadBytesMax: terms.requestBytesMax - requestAroundBytes,
    timeoutMsMax: settings.timeoutMsMax ?? limits.timeoutMsMax,
    staleAfterMs: terms.directStaleAfterMs,
    ttlMs: terms.directPolicyTtlMs,
  };
}

function refusalOf(
  { directDispatch }: DirectTerms,
  { intake, maxLayer }: CoordinationSettings,
): string | undefined {
  if (directDispatch === 'off') return 'this deployment has its coordinators share work out';
  if (intake === 'paused') return 'the intake is paused';
  // To choose by load is what the performance layer does: where it is switched off, it is for clients too.
  if (maxLayer !== undefined && layerNames.indexOf(maxLayer) < layerNames.indexOf('performance')) {
    return `no request is served above the layer ${maxLayer}`;
  }
  return undefined;
}
