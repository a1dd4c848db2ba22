import { assertNever } from '@nexus/core/invariant';
import { convergenceOf } from './convergence.js';
import { DeltaMerger } from './delta.js';
import { DigestWriter } from './digest.js';
import { Exchange } from './exchange.js';
import { Hearsay } from './hearsay.js';
import { type Identity, type MemberId } from './identity.js';
import { Liveness } from './liveness.js';
import { LocalHealth } from './local-health.js';
import { Membership } from './membership.js';
import { type MemberState } from './member-state.js';
import { type Message } from './message.js';
import { checkOptions, messageBytesMin, type GossipOptions } from './options.js';
import { Outbox } from './outbox.js';
import { Owner } from './owner.js';
import { Plausibility } from './plausible.js';
import { RoundBudget } from './round-budget.js';
import { Rounds } from './rounds.js';
import { type Source } from './source.js';
import { type Effects, type Input, type StepContext } from './step.js';
import { type Convergence, type MemberView } from './view.js';
import { noViewHash } from './view-hash.js';

type MessageInput = Extract<Input, { kind: 'message' }>;

/**
 * One member of the gossip: a state machine that is told what happens and says what is to be done. It does nothing itself,
 * and knows no clock and no chance but those of `StepContext`: the same inputs lead to the same effects. See ALGORITHM.md.
 */
export class GossipMember {
  private readonly membership: Membership;
  private readonly plausibility: Plausibility;
  private readonly outbox: Outbox;
  private readonly owner: Owner;
  private readonly hearsay: Hearsay;
  private readonly liveness: Liveness;
  private readonly exchange: Exchange;
  private readonly rounds: Rounds;
  private nowMs = 0;
  private hasLeft = false;

  constructor(private readonly options: GossipOptions) {
    checkOptions(options);
    const { self, cluster, roundBytesMax, messageBytesMax } = options;
    const budget = new RoundBudget({
      roundBytesMax,
      messageBytesMax,
      messageBytesMin: messageBytesMin(options),
    });
    const outbox = new Outbox(budget);
    const membership = new Membership(options, {
      ...self,
      heartbeat: 1,
      maxVersion: 0,
      collectedVersion: 0,
      viewHash: noViewHash,
      vitals: '',
    });
    const plausibility = new Plausibility(options);
    const owner = new Owner(options, membership, plausibility, outbox);
    const learning = { options, membership, plausibility, owner, outbox };
    this.hearsay = new Hearsay(learning);
    const merger = new DeltaMerger(learning);
    const digests = new DigestWriter(membership);
    this.liveness = new Liveness({ options, membership, health: new LocalHealth(options.roundMs), outbox });
    this.exchange = new Exchange({ cluster, membership, digests, hearsay: this.hearsay, merger, outbox });
    this.rounds = new Rounds({
      cluster,
      membership,
      owner,
      liveness: this.liveness,
      digests,
      exchange: this.exchange,
      outbox,
    });
    this.membership = membership;
    this.plausibility = plausibility;
    this.outbox = outbox;
    this.owner = owner;
  }

  /** All that happened since the last step. What came is heard before the silent are judged, so a round comes last. */
  step(inputs: readonly Input[], context: StepContext): Effects {
    this.nowMs = context.nowMs;
    this.liveness.wake(context.nowMs);
    let isRound = false;
    let isUrgent = false;
    for (const input of inputs) {
      if (this.hasLeft) break;
      this.outbox.beginMessage();
      if (input.kind === 'round') isRound = true;
      else if (this.take(input, context)) isUrgent = true;
    }
    if (!this.hasLeft && isRound) this.rounds.regular(context);
    else if (!this.hasLeft && isUrgent) this.rounds.immediate(context);
    this.tellOfForgotten();
    return this.outbox.take();
  }

  /** The present life of this member. */
  get self(): Identity {
    const { id, kind, entry } = this.membership.self;
    return { id, kind, generation: entry.generation };
  }

  /** Everybody that was seen alive, this member included, and the departed as long as they are remembered. */
  members(): readonly MemberView[] {
    const views: MemberView[] = [];
    for (const state of this.membership.all()) {
      const view = this.viewOf(state);
      if (view !== null) views.push(view);
    }
    return views;
  }

  member(id: MemberId): MemberView | undefined {
    const state = this.membership.get(id);
    return (state && this.viewOf(state)) ?? undefined;
  }

  convergence(): Convergence {
    return convergenceOf(this.membership);
  }

  /** The keys that a member has, as far as they are known here; of the departed, what they had. */
  keysOf(id: MemberId): ReadonlyMap<string, string> {
    return new Map(this.membership.get(id)?.values() ?? []);
  }

  get(id: MemberId, key: string): string | undefined {
    return this.membership.get(id)?.get(key) ?? undefined;
  }

  /** @returns whether it cannot wait for the next round */
  private take(input: Exclude<Input, { kind: 'round' }>, context: StepContext): boolean {
    switch (input.kind) {
      case 'message':
        return this.receive(input, context);
      case 'put':
        return this.owner.put(input.key, input.value) && input.urgent;
      case 'delete':
        return this.owner.delete(input.key) && input.urgent;
      case 'vitals':
        this.owner.setVitals(input.vitals);
        return false;
      case 'leave':
        this.leave();
        return false;
      default:
        return assertNever(input);
    }
  }

  /** @returns as `take` */
  private receive({ from, fromKind, message }: MessageInput, context: StepContext): boolean {
    const { membership, outbox, plausibility } = this;
    // A seed may be ourselves.
    if (from === membership.self.id) {
      if (message.generation !== membership.self.entry.generation) outbox.refuse('about_us', from);
      return false;
    }
    if (message.cluster !== this.options.cluster) {
      outbox.refuse('other_cluster', from);
      return false;
    }
    if (!plausibility.isMessage(message, context.wallMs)) {
      outbox.refuse('implausible', from);
      return false;
    }
    const source: Source = { from, fromKind, nowMs: context.nowMs, wallMs: context.wallMs };
    const state = membership.get(from);
    // An agent that was given the name of a service speaks for itself, and not for the service.
    if (state?.kind === 'relay' && fromKind === 'leaf') {
      outbox.refuse('not_its_own', from);
      return false;
    }
    if (state !== undefined && message.generation < state.entry.generation) {
      outbox.refuse('past_life', from);
      if (message.kind === 'syn') this.exchange.tellOfLaterLife(state, source);
      return false;
    }
    // What it said before it left may come after.
    if (state?.standing === 'left' && message.generation === state.entry.generation) return false;
    return this.deliver(message, source);
  }

  private deliver(message: Message, source: Source): boolean {
    switch (message.kind) {
      case 'syn':
        this.exchange.onSyn(message, source);
        return false;
      case 'syn_ack':
        this.exchange.onSynAck(message, source);
        return false;
      case 'ack':
        return this.exchange.onAck(message, source);
      case 'leave':
        this.hearsay.hearGoodbye(message, source);
        return false;
      default:
        return assertNever(message);
    }
  }

  private leave(): void {
    this.hasLeft = true;
    this.rounds.sayGoodbye();
  }

  private tellOfForgotten(): void {
    for (const state of this.membership.takeForgotten())
      for (const [key] of state.values()) this.outbox.tell({ kind: 'key', id: state.id, key, value: null });
  }

  private viewOf(state: MemberState): MemberView | null {
    const { id, kind, standing, phi, entry } = state;
    if (standing === 'unconfirmed') return null;
    const { generation, heartbeat, maxVersion, vitals } = entry;
    const isSelf = state === this.membership.self;
    return {
      id,
      kind,
      generation,
      heartbeat,
      status: standing,
      phi: isSelf ? 0 : phi.phi(this.nowMs),
      silentMs: isSelf ? 0 : phi.silentMs(this.nowMs),
      maxVersion,
      vitals,
    };
  }
}
