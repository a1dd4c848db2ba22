import {
  type Channel,
  coordinateRequestSchema,
  type CoordinateRequestInput,
  NexusError,
  parse,
  userIdSchema,
} from '@nexus/contracts';
import { type Conductor } from '../coordinate/conductor.js';
import { newCoordinationId } from '../coordination/coordination-id.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { selectorOf } from '../causal/channel.js';
import { type KeyedValues } from './keyed-values.js';
import { type Resolution } from './resolution.js';

export interface ResolutionTellerOptions {
  readonly conductor: Pick<Conductor, 'conduct'>;
  readonly values: Pick<KeyedValues, 'put'>;
  readonly timeoutMs: number;
}

/** In whose name it is told: no caller's. */
const user = parse(userIdSchema, 'nexus', 'user');

/** Shares what was decided in place of the siblings, and tells it to all agents that had been told one of them. */
export class ResolutionTeller {
  constructor(private readonly options: ResolutionTellerOptions) {}

  /** @throws NexusError when it was not shared: it is then to be told again */
  async tell(key: string, resolution: Resolution): Promise<void> {
    const { value, told, unrivalled, clock: replaces } = resolution;
    if (unrivalled) {
      // Else an agent that puts something beside a value would make it be told again, as often as it likes.
      this.options.values.put({ key, value, replaces, told: told[0] });
      return;
    }
    const channels = [...new Set(told.map(({ channel }) => channel))];
    const last = channels.pop();
    for (const channel of channels) await this.broadcast(channel, resolution);
    // The value is shared with the last of them: until then the conflict shows, and whoever follows tells all again.
    const isShared = last !== undefined && (await this.broadcast(last, resolution, key));
    if (!isShared) this.options.values.put({ key, value, replaces });
  }

  /** @returns whether there was anybody to tell */
  private async broadcast(channel: Channel, resolution: Resolution, key?: string): Promise<boolean> {
    const { conductor, timeoutMs } = this.options;
    const goal: CoordinateRequestInput['goal'] = {
      ...({ type: 'broadcast', ordering: 'causal', timeoutMs } as const),
      payload: resolution.value,
      after: afterAll(resolution),
      ...(key !== undefined && { key }),
    };
    try {
      await conductor.conduct(
        {
          ...{ id: newCoordinationId(), user, parts: noParts, deadline: new Deadline(timeoutMs) },
          request: parse(coordinateRequestSchema, { agents: selectorOf(channel), goal }, 'resolution'),
          ...(key !== undefined && { replaces: resolution.clock }),
        },
        () => undefined,
      );
      return true;
    } catch (thrown) {
      if (NexusError.from(thrown).code === 'not_found') return false;
      throw thrown;
    }
  }
}

/** Where every sibling has been delivered. */
function afterAll({ told }: Resolution): Record<string, Record<string, number>> {
  const frontiers: Record<string, Record<string, number>> = {};
  for (const { channel, sender, sequence } of told) {
    const frontier = (frontiers[channel] ??= {});
    frontier[sender] = Math.max(frontier[sender] ?? 0, sequence);
  }
  return frontiers;
}
