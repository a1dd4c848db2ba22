import {
  defaultGossipOptions,
  fanOut,
  type GossipMember,
  type Input,
  type Outgoing,
} from '@nexus/core/gossip';
import { MessageCodec } from '@nexus/mesh';
import { type Sample } from '../measure/closed-loop.js';
import { inputOf, introduction, newMember } from './nexus-protocol.js';
import { memberName, stateOf } from './member-state.js';
import { PlainPush } from './plain-push.js';

/** Two members of many, and what all the others do to them. */
interface Pair {
  /** Half of the others are heard by the one, half by the other: each has news for the other. Not measured. */
  readonly advance: () => void;
  /** What a round costs both of them, with all that they are sent in it. */
  readonly rounds: () => void;
}

/** Measures the rounds of a pair for so long, and leaves out what comes between them. */
export function measureRounds({ advance, rounds }: Pair, durationMs: number): Sample {
  const latenciesMs: number[] = [];
  let totalMs = 0;
  while (totalMs < durationMs) {
    advance();
    const startedAt = performance.now();
    rounds();
    const tookMs = performance.now() - startedAt;
    totalMs += tookMs;
    latenciesMs.push(tookMs / 2);
  }
  return { ratePerS: (2 * latenciesMs.length * 1_000) / totalMs, latenciesMs };
}

/** Both push their state to as many others as a round has, and are pushed to by as many. */
export function plainPair(members: number): Pair {
  const [one, other] = [0, 1].map((at) => new PlainPush(memberName(at), stateOf(at))) as [
    PlainPush,
    PlainPush,
  ];
  const others = Array.from(
    { length: members - 2 },
    (_, at) => new PlainPush(memberName(at + 2), stateOf(at + 2)),
  );
  for (const each of [one, other, ...others]) {
    one.merge(each.state());
    other.merge(each.state());
  }
  const pushes = fanOut(members);
  const push = (from: PlainPush, to: PlainPush) => {
    from.round(Math.random);
    const text = from.encode();
    for (let count = 0; count < pushes; count += 1) to.decode(text);
  };
  return {
    advance: () => {
      others.forEach((each, at) => {
        each.round(Math.random);
        (at % 2 === 0 ? one : other).merge(each.state());
      });
    },
    rounds: () => {
      push(one, other);
      push(other, one);
    },
  };
}

const context = { nowMs: 0, wallMs: Date.parse('2026-01-02'), random: Math.random };

const codec = new MessageCodec();

/** How a message travels from a member to another one: as bytes, as those of plain push do. */
export const carried = (message: Outgoing['message']): Outgoing['message'] =>
  codec.decode(codec.encode(message));

/** Both begin as many exchanges as a round has, all of them with each other. */
export function nexusPair(members: number): Pair {
  const clock = { ...context };
  const [one, other] = [newMember(0), newMember(1)];
  const others = Array.from({ length: members - 2 }, (_, at) => newMember(at + 2));
  [one, other, ...others].forEach((member, at) => member.step(introduction(at), clock));
  const exchange = (from: GossipMember, to: GossipMember, inputs: readonly Input[]): void => {
    for (const { message } of from.step(inputs, clock).messages)
      exchange(to, from, [inputOf(from, carried(message))]);
  };
  const round = [{ kind: 'round' }] as const;
  /** One heartbeat of another, which hears no answer: it would only learn of all the others. */
  const hear = (member: GossipMember, each: GossipMember) => {
    for (const { message } of each.step(round, clock).messages) member.step([inputOf(each, message)], clock);
  };
  const meet = () => {
    exchange(other, one, round);
    for (const each of others) {
      hear(one, each);
      hear(other, each);
    }
  };
  // Twice: one heartbeat is no life.
  meet();
  meet();
  return {
    advance: () => {
      clock.nowMs += defaultGossipOptions.roundMs;
      others.forEach((each, at) => hear(at % 2 === 0 ? one : other, each));
    },
    rounds: () => {
      exchange(one, other, round);
      exchange(other, one, round);
    },
  };
}
