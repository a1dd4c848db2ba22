import { type Fence, keySchema, NexusError } from '@nexus/contracts';
import { z } from 'zod';
import { type DecisionLog } from '../decisions/decision-log.js';
import { concernsOneKey } from './refusals.js';
import { resolutionKeyOf } from './resolution.js';

/** One turn of the duty. */
export interface ResolutionTurn {
  readonly fence: Fence;
  readonly signal: AbortSignal;
}

export interface OpenResolutionsOptions {
  readonly log: Pick<DecisionLog, 'propose' | 'read'>;
  /** Whether several values of a key stand side by side, as far as is known here by now. */
  readonly isConflict: (key: string) => boolean;
  /** Of one question to the log. */
  readonly timeoutMs: number;
}

/** A key that is to be resolved. */
export interface Opening {
  readonly key: string;
  /** Whether services themselves are at odds about it. */
  readonly isRivalled: boolean;
}

/** Where the log tells which resolutions stand in it: no key can be found there but by its name. */
export const openResolutionsKey = 'resolutions';

/** Resolutions that stand in the log at once, and the characters of their names; one more waits until one has gone. */
export const openMax = 2_048;
const openCharsMax = 65_536;
/** Of which the quarrels of agents take this part at most, so that they never keep those of services waiting. */
const partOfAgents = 1 / 2;

/** Turns, one a round of the gossip, without a conflict of the key; news reaches everybody within about ten rounds. */
export const quietTurnsMin = 60;

/** Turns in office before anything is decided anew: what stands elsewhere has been heard by then. */
export const newcomerTurns = 5;

/** Looked at in one turn; further ones wait for the next. */
const closedPerTurnMax = 32;

const namesSchema = z.array(keySchema).max(openMax);

/**
 * The resolutions that stand in the decision log, so that they do not stand there for good. A resolution is needed by a
 * coordinator that takes office while its key still shows the conflict: it must find what was decided. So it stays until
 * the coordinator in office has seen no conflict of its key for long. It is named in the log before it is put there and
 * until it has been deleted: whoever takes office next finds what the one before left.
 *
 * What was deleted is not decided a second time, and differently:
 * - Only who is in office decides, by the fence. Who has been all along sees no conflict of the key, or it would not have
 *   deleted: the value that stands covers all siblings.
 * - Who takes office decides nothing anew during its first turns, but finishes what the log has. In them it hears what
 *   stands by now, which everybody who lives has had for long. That holds for one that was stopped meanwhile, too: its
 *   office has ended, and the next one has another token. (Cut off from the gossip and not from the log, it may decide
 *   by an old view: what it shares then stands beside what there is, and is resolved as any conflict is.)
 * - A conflict that comes later has a sibling that the resolution does not cover. It would have been decided anew beside
 *   the old resolution as well.
 */
export class OpenResolutions {
  /** Undefined where it is not known what the log has. */
  private open: { readonly names: ReadonlySet<string>; readonly version: number } | undefined;
  /** For how many turns each has shown no conflict. */
  private readonly quiet = new Map<string, number>();
  private token: number | undefined;
  private turns = 0;

  constructor(private readonly options: OpenResolutionsOptions) {}

  /** Whether a key may be decided anew in this turn. */
  mayDecide(key: string): boolean {
    return this.turns > newcomerTurns && (this.open?.names.has(key) ?? false);
  }

  /** Of a key that the log does not take: it is no reason to keep others waiting. */
  giveUp(key: string): void {
    this.quiet.set(key, quietTurnsMin);
  }

  /**
   * Begins a turn: deletes what nobody needs any more, then names what is to be put.
   * @throws NexusError what the log does, unless others may fare better
   */
  async turn(openings: readonly Opening[], turn: ResolutionTurn): Promise<void> {
    if (this.token !== turn.fence.token) {
      this.token = turn.fence.token;
      this.turns = 0;
      this.open = undefined;
      this.quiet.clear();
    }
    this.turns += 1;
    try {
      this.open ??= await this.load(turn);
      const kept = await this.close(this.open.names, turn);
      const names = this.turns > newcomerTurns ? opened(kept, openings) : kept;
      await this.name(names, turn);
    } catch (thrown) {
      // What was written of it is found when it is read again.
      this.open = undefined;
      const error = NexusError.from(thrown);
      if (!concernsOneKey(error)) throw error;
    }
  }

  private async load({ signal }: ResolutionTurn) {
    const { log, timeoutMs } = this.options;
    const { value, version } = await log.read(openResolutionsKey, { timeoutMs, signal });
    return { names: new Set<string>(namesSchema.safeParse(value).data), version };
  }

  /** @returns those that stand on */
  private async close(names: ReadonlySet<string>, turn: ResolutionTurn): Promise<ReadonlySet<string>> {
    for (const key of this.quiet.keys()) if (!names.has(key)) this.quiet.delete(key);
    const due: string[] = [];
    for (const key of names) {
      const turns = this.quiet.get(key) ?? 0;
      if (turns >= quietTurnsMin) due.push(key);
      else this.quiet.set(key, this.options.isConflict(key) ? 0 : turns + 1);
    }
    const kept = new Set(names);
    for (const key of due.slice(0, closedPerTurnMax)) {
      this.quiet.delete(key);
      if (await this.delete(key, turn)) kept.delete(key);
    }
    return kept;
  }

  /** @returns whether there is none any more */
  private async delete(key: string, { fence, signal }: ResolutionTurn): Promise<boolean> {
    const { log, isConflict, timeoutMs } = this.options;
    const own = resolutionKeyOf(key);
    const { version } = await log.read(own, { timeoutMs, signal });
    if (version === 0) return true;
    if (isConflict(key)) return false;
    const command = { type: 'delete', key: own, expectedVersion: version, fence } as const;
    try {
      await log.propose(command, { timeoutMs, signal });
      return true;
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (!concernsOneKey(error)) throw error;
      return false;
    }
  }

  private async name(names: ReadonlySet<string>, { fence, signal }: ResolutionTurn): Promise<void> {
    const { log, timeoutMs } = this.options;
    const { names: before, version: expectedVersion } = this.open!;
    if (names.size === before.size && [...names].every((name) => before.has(name))) return;
    const { version } = await log.propose(
      { type: 'put', key: openResolutionsKey, value: [...names], expectedVersion, fence },
      { timeoutMs, signal },
    );
    this.open = { names, version };
  }
}

function opened(names: ReadonlySet<string>, openings: readonly Opening[]): ReadonlySet<string> {
  const all = new Set(names);
  let chars = 0;
  for (const name of names) chars += name.length;
  for (const { key, isRivalled } of openings) {
    const part = isRivalled ? 1 : partOfAgents;
    if (all.has(key) || all.size >= openMax * part || chars + key.length > openCharsMax * part) continue;
    all.add(key);
    chars += key.length;
  }
  return all;
}
