import { type Cut } from '../group/broker.js';
import { type Inflict, type Scene } from './fault.js';

interface Division {
  readonly kind: string;
  readonly replicas: readonly string[];
  readonly cuts: readonly Cut[];
}

const between = (some: readonly string[], others: readonly string[]): Cut[] =>
  some.flatMap((from) => others.map((to) => ({ from, to })));

const bothWays = (some: readonly string[], others: readonly string[]): Cut[] => [
  ...between(some, others),
  ...between(others, some),
];

/** The ways in which a network divides; clients go on reaching everybody. */
const divisions: readonly ((scene: Scene) => Division)[] = [
  ({ group, leader }) => ({
    kind: 'cut off leader',
    replicas: [leader],
    cuts: bothWays([leader], group.others(leader)),
  }),
  ({ group, leader }) => ({
    kind: 'leader is not heard',
    replicas: [leader],
    cuts: between([leader], group.others(leader)),
  }),
  ({ group, leader }) => ({
    kind: 'leader hears nobody',
    replicas: [leader],
    cuts: between(group.others(leader), [leader]),
  }),
  ({ group, random, leader }) => {
    const follower = random.pick(group.others(leader));
    return {
      kind: 'cut off follower',
      replicas: [follower],
      cuts: bothWays([follower], group.others(follower)),
    };
  },
  ({ group, random, leader }) => {
    const follower = random.pick(group.others(leader));
    return {
      kind: 'leader and a follower cut apart',
      replicas: [leader, follower],
      cuts: bothWays([leader], [follower]),
    };
  },
  ({ group, leader }) => {
    // With as many followers as are too few.
    const minority = [leader, ...group.others(leader).slice(0, Math.ceil(group.ids.length / 2) - 2)];
    return {
      kind: minority.length > 1 ? 'leader in the minority' : 'cut off leader',
      replicas: minority,
      cuts: bothWays(minority, group.others(...minority)),
    };
  },
];

export const partition: Inflict = async (scene) => {
  const { kind, replicas, cuts } = scene.random.pick(divisions)(scene);
  const { broker } = scene.group;
  const atMs = performance.now();
  await broker.cut(cuts);
  return { kind, replicas, atMs, holdMs: scene.random.between(500, 2_000), mend: () => broker.cut([]) };
};
