import {
  type CoordinateRequest,
  type CoordinationSettings,
  coordinationSettingsKey,
  type LayerName,
  layerNames,
  NexusError,
} from '@nexus/contracts';

/** After this a caller may look whether the intake is open again, in milliseconds. */
const pausedRetryAfterMs = 5_000;

/**
 * Refuses what the shared settings do not admit, before anybody is asked.
 * @throws NexusError `unavailable` while the intake is paused, `invalid_argument` for a time-out above the greatest
 */
export function refuseInadmissible(
  { goal }: Pick<CoordinateRequest, 'goal'>,
  { intake, timeoutMsMax }: CoordinationSettings,
): void {
  if (intake === 'paused') {
    throw new NexusError(
      'unavailable',
      `the intake is paused by the key ${coordinationSettingsKey} of the decision log`,
      { retryAfterMs: pausedRetryAfterMs },
    );
  }
  if (timeoutMsMax !== undefined && goal.timeoutMs > timeoutMsMax) {
    const message = `at most ${timeoutMsMax}, by the key ${coordinationSettingsKey} of the decision log`;
    throw new NexusError('invalid_argument', `goal.timeoutMs: ${message}`, {
      details: [{ path: 'goal.timeoutMs', message }],
    });
  }
}

/** The lower of what a request allows and what the settings do. */
export function highestLayer(wanted: LayerName, { maxLayer = wanted }: CoordinationSettings): LayerName {
  return layerNames.indexOf(maxLayer) < layerNames.indexOf(wanted) ? maxLayer : wanted;
}
