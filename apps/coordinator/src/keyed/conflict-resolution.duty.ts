import { Logger } from '@nestjs/common';
import { type Fence, NexusError, type NodeId, parse, type SharedKey } from '@nexus/contracts';
import { type SharedKeys } from '@nexus/mesh';
import { type EventPublisher } from '@nexus/platform/nats';
import { type DecisionLog } from '../decisions/decision-log.js';
import { type Duty } from '../duties/duty-round.js';
import { chosen, eligible } from './choice.js';
import { type KeyedValues } from './keyed-values.js';
import { OpenResolutions, type ResolutionTurn } from './open-resolutions.js';
import { concernsOneKey, isOtherVersion } from './refusals.js';
import { covers, type Resolution, resolutionKeyOf, resolutionSchema } from './resolution.js';
import { type ResolutionTeller } from './resolution-teller.js';

export interface ConflictResolutionOptions {
  readonly shared: Pick<SharedKeys, 'get' | 'on'>;
  readonly values: Pick<KeyedValues, 'toldBy' | 'isOfService'>;
  readonly log: Pick<DecisionLog, 'propose' | 'read'>;
  readonly teller: Pick<ResolutionTeller, 'tell'>;
  readonly events: Pick<EventPublisher, 'publish'>;
  /** Who resolves. */
  readonly self: NodeId;
  /** Of one question to the log. */
  readonly timeoutMs: number;
}

/** Keys resolved in one turn; further ones wait for the next. */
const keysPerTurnMax = 32;

/** Keys known to be in conflict; of more, what is forgotten is heard of again with its next change. */
const conflictsMax = 16_384;

/**
 * Resolves shared keys of which several values stand side by side: the log decides which one stays, then it is shared in
 * place of all of them and told where they had been told. Without the log nothing is resolved, and they stay.
 *
 * A resolver that dies midway is followed by another, which finds its decision in the log and goes on from there; until
 * the value is shared, the conflict still shows. So agents may be told a resolution twice, and never two of them.
 */
export class ConflictResolutionDuty implements Duty {
  readonly name = 'the resolution of shared keys';
  private readonly logger = new Logger('ConflictResolution');
  /** In the order in which they are to be tried. */
  private readonly conflicts = new Set<string>();

  private readonly open: OpenResolutions;

  constructor(private readonly options: ConflictResolutionOptions) {
    const { shared, log, timeoutMs } = options;
    this.open = new OpenResolutions({
      ...{ log, timeoutMs },
      isConflict: (key) => shared.get(key)?.conflict ?? false,
    });
    shared.on((key) => this.note(key));
  }

  async perform(fence: Fence, signal: AbortSignal): Promise<void> {
    const keys = [...this.conflicts].slice(0, keysPerTurnMax);
    await this.open.turn(
      keys.map((key) => ({ key, isRivalled: this.isRivalled(key) })),
      { fence, signal },
    );
    for (const key of keys) {
      if (signal.aborted) return;
      // One that fails is tried again after the others.
      this.conflicts.delete(key);
      this.note(this.options.shared.get(key));
      try {
        await this.resolve(key, { fence, signal });
      } catch (thrown) {
        const error = NexusError.from(thrown);
        if (!concernsOneKey(error)) throw error;
        this.open.giveUp(key);
        this.logger.debug(`the values of ${key} stay side by side: ${error.message}`);
      }
    }
  }

  private note(standing: SharedKey | undefined): void {
    if (standing === undefined) return;
    if (!standing.conflict) this.conflicts.delete(standing.key);
    else if (this.conflicts.size < conflictsMax) this.conflicts.add(standing.key);
  }

  private async resolve(key: string, turn: ResolutionTurn): Promise<void> {
    const { shared, log, teller, events, timeoutMs } = this.options;
    const standing = shared.get(key);
    if (!standing?.conflict) return;
    const { version, value } = await log.read(resolutionKeyOf(key), { timeoutMs, signal: turn.signal });
    const before = resolutionSchema.safeParse(value).data;
    const resolution =
      before !== undefined && covers(before.clock, standing.clock)
        ? before
        : await this.decide(standing, version, turn);
    if (resolution === undefined) return;
    await teller.tell(key, resolution);
    const resolved = shared.get(key);
    this.note(resolved);
    if (resolved) events.publish('gossip.resolved', { ...resolved, at: new Date().toISOString() });
  }

  /**
   * @returns what the log took; undefined when it is not to be decided yet, or when another resolver was faster, whose
   * decision the next turn will find
   */
  private async decide(
    standing: SharedKey,
    expectedVersion: number,
    { fence, signal }: ResolutionTurn,
  ): Promise<Resolution | undefined> {
    const { log, timeoutMs } = this.options;
    const { key } = standing;
    if (!this.open.mayDecide(key)) return undefined;
    const resolution = this.resolutionOf(standing);
    if (resolution === undefined) return undefined;
    try {
      await log.propose(
        { type: 'put', key: resolutionKeyOf(key), value: resolution, expectedVersion, fence },
        { timeoutMs, signal },
      );
      return resolution;
    } catch (thrown) {
      if (isOtherVersion(NexusError.from(thrown))) return undefined;
      throw thrown;
    }
  }

  /** Whether services put several of the values. */
  private isRivalled(key: string): boolean {
    const { shared, values: keyed } = this.options;
    return (shared.get(key)?.values.filter(({ by }) => keyed.isOfService(by)).length ?? 0) > 1;
  }

  private resolutionOf({ key, values, clock }: SharedKey): Resolution | undefined {
    const { values: keyed, self: resolvedBy } = this.options;
    const siblings = eligible(values, (by) => keyed.isOfService(by));
    const choice = chosen(key, siblings);
    if (choice === undefined) return undefined;
    const { value, by } = choice;
    const told = siblings.flatMap((sibling) => keyed.toldBy(sibling.by, key) ?? []);
    const unrivalled = siblings.length === 1;
    return parse(resolutionSchema, { value, by, clock, told, unrivalled, resolvedBy }, 'resolution');
  }
}
