import { type HardState, type Input, type MemberId, type Message, type RaftOptions } from '@nexus/core/raft';
import { hold } from '../../violation.js';
import { leads, type Stepped } from './stepped.js';

/** Beyond the exact moment: a tick that shares its step with what it judges, and the step in which it is noticed. */
const slackTicks = 2;

/** What a member's own ticks say of it: who must stand, who must not vote, who may no longer lead. One life of a member. */
export class Patience {
  private ticks = 0;
  /** Of the election timer, by what may reset it (Raft, §5.2): a valid leader, a vote that was granted, a campaign. */
  private resetAt = 0;
  private contactAt = -Infinity;
  private ledSince = 0;
  /** Since then these are the voters. */
  private configuredAt = 0;
  /** After the step before. */
  private hardState: Pick<HardState, 'term' | 'votedFor'> = { term: 0, votedFor: null };
  private readonly heardAt = new Map<MemberId, number>();
  private readonly writesUnderWay: { readonly sequence: number; readonly sinceTick: number }[] = [];

  constructor(
    private readonly options: Pick<RaftOptions, 'self' | 'electionTicksMin' | 'electionTicksMax'>,
  ) {}

  stepped(step: Stepped): void {
    if (step.inputs.at(-1)?.kind === 'tick') this.ticks++;
    this.followersKeepTheirLeader(step);
    this.notice(step);
    if (leads(step.after)) {
      this.leaderHasAQuorum(step);
      this.leaderHasItsDisk(step);
    } else this.standsInTime(step);
    this.hardState = step.record.current.hardState;
  }

  private notice({ inputs, before, after, effects, configurations }: Stepped): void {
    for (const input of inputs) this.hear(input, before.term);
    if (inputs.some((input) => isFromLeader(input, before.term) && messageOf(input)!.term === after.term))
      this.contactAt = this.ticks;
    if (after.role !== before.role || effects.messages.some(({ message }) => resetsTimer(message)))
      this.resetAt = this.ticks;
    if (leads(after) && !(leads(before) && before.term === after.term)) {
      this.ledSince = this.ticks;
      this.heardAt.clear();
    }
    if (configurations[0] !== configurations[1]) this.configuredAt = this.ticks;
    if (effects.write) this.writesUnderWay.push({ sequence: effects.write.sequence, sinceTick: this.ticks });
  }

  private hear(input: Input, term: number): void {
    if (isFromLeader(input, term)) this.resetAt = this.ticks;
    if (input.kind === 'message' && input.message.term === term) this.heardAt.set(input.from, this.ticks);
    if (input.kind !== 'written') return;
    const done = this.writesUnderWay.findLastIndex(({ sequence }) => sequence <= input.sequence);
    this.writesUnderWay.splice(0, done + 1);
  }

  private standsInTime({ record, after }: Stepped): void {
    const { voters } = record.current.configuration;
    // Who is alone asks nobody, and waits for its disk.
    if (voters.length < 2 || !voters.includes(record.id)) return;
    // Whose disk stalls could not lead, and need not try.
    if (this.waitedForDiskTicks() >= this.options.electionTicksMin) this.resetAt = this.ticks;
    const silentTicks = this.ticks - this.resetAt;
    hold(
      silentTicks <= this.options.electionTicksMax + slackTicks,
      'who hears no leader stands for election in time',
      () => `${record.id}, ${after.role} in term ${after.term}, has waited for ${silentTicks} ticks`,
    );
  }

  /** Dissertation, §4.2.3 and §9.6. */
  private followersKeepTheirLeader({ record, inputs, before, after, effects }: Stepped): void {
    const sinceTicks = this.ticks - this.contactAt;
    if (before.leader === null || before.leader === record.id) return;
    if (sinceTicks >= this.options.electionTicksMin - slackTicks || inputs.some(isTransfer)) return;
    const granted = effects.messages.find(
      ({ to, message }) =>
        'granted' in message && message.granted && to !== before.leader && !this.isRepeat(to, message),
    );
    hold(
      granted === undefined,
      'who hears a leader helps nobody else to become one',
      () =>
        `${record.id} heard ${before.leader!} ${sinceTicks} ticks ago and votes for ${granted!.to} (term ${after.term})`,
    );
  }

  /** To say once more whom a vote was given helps nobody any further. */
  private isRepeat(to: MemberId, message: Message): boolean {
    const { term, votedFor } = this.hardState;
    return message.kind === 'vote_reply' && message.term === term && votedFor === to;
  }

  /** CheckQuorum (dissertation, §6.2). */
  private leaderHasAQuorum({ record, after }: Stepped): void {
    const { voters } = record.current.configuration;
    const heard = voters.map((voter) =>
      voter === record.id ? this.ticks : (this.heardAt.get(voter) ?? this.ledSince),
    );
    heard.sort((a, b) => b - a);
    const quorumAt = heard[Math.floor(voters.length / 2)] ?? this.ticks;
    const aloneTicks = this.ticks - Math.max(quorumAt, this.ledSince, this.configuredAt);
    hold(
      aloneTicks <= 2 * this.options.electionTicksMax + slackTicks,
      'a leader that hears no majority steps down',
      () => `${record.id} leads term ${after.term}, and heard none for ${aloneTicks} ticks`,
    );
  }

  private leaderHasItsDisk({ record, after }: Stepped): void {
    const waitedTicks = this.waitedForDiskTicks();
    hold(
      waitedTicks <= this.options.electionTicksMax + slackTicks,
      'a leader whose disk stalls steps down',
      () => `${record.id} leads term ${after.term}, and waited for its disk for ${waitedTicks} ticks`,
    );
  }

  private waitedForDiskTicks(): number {
    const [oldest] = this.writesUnderWay;
    return oldest === undefined ? 0 : this.ticks - oldest.sinceTick;
  }
}

function messageOf(input: Input): Message | undefined {
  return input.kind === 'message' ? input.message : undefined;
}

/** From the leader of this term, or a later one. */
function isFromLeader(input: Input, term: number): boolean {
  const message = messageOf(input);
  if (message === undefined || message.term < term) return false;
  return (
    message.kind === 'append_request' || message.kind === 'heartbeat' || message.kind === 'snapshot_chunk'
  );
}

/** A leader that hands over asks not to be kept. */
function isTransfer(input: Input): boolean {
  const message = messageOf(input);
  return message?.kind === 'timeout_now' || (message?.kind === 'vote_request' && message.transfer);
}

function resetsTimer(message: Message): boolean {
  if (message.kind === 'vote_reply') return message.granted;
  return message.kind === 'pre_vote_request' || message.kind === 'vote_request';
}
