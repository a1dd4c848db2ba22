/*
 * Whoever asks ten thousand alone sends ten thousand messages and reads ten thousand answers. With √n helpers, each of
 * which asks √n others and brings their answers together, nobody has more than about √n of either: the sum of the two
 * steps is least when they are equal.
 */

/** Somebody who is to be asked. */
export interface Target {
  /** The machine that it runs on, where that is known. */
  readonly node: string | undefined;
  /** It can ask others. */
  readonly relays: boolean;
  /** It can be asked by others. */
  readonly relayed: boolean;
}

/** Those whom one relay asks; places among the targets, in order. */
export interface Subtree {
  /** The relay's own place; whether it is to be asked itself depends on `children` alone. */
  readonly relay: number;
  readonly children: readonly number[];
}

/** Who asks whom: every target once, by a relay or directly. */
export interface RelayPlan {
  readonly subtrees: readonly Subtree[];
  readonly direct: readonly number[];
}

/** Fewer than so many children are not worth the way over a relay. */
const childrenMin = 2;

/**
 * Shares the targets out over relays, evenly to one, and to relays on their own machine where these have room. The relays
 * are spread over the machines. The same targets give the same plan.
 * @param childrenMax of one relay; what all of them together cannot take is asked directly
 */
export function planRelays(targets: readonly Target[], childrenMax: number): RelayPlan {
  const relayed = placesOf(targets, ({ relayed }) => relayed);
  const offers = placesOf(targets, ({ relays }) => relays);
  const wanted = Math.ceil(Math.max(Math.sqrt(relayed.length), relayed.length / childrenMax));
  const relays = spread(offers, targets, Math.min(wanted, Math.floor(relayed.length / childrenMin)));
  if (relays.length === 0) return { subtrees: [], direct: [...targets.keys()] };
  const taken = relayed.slice(0, relays.length * childrenMax);
  const direct = placesOf(targets, ({ relayed }) => !relayed).concat(relayed.slice(taken.length));
  return { subtrees: shareOut(taken, relays, targets), direct: direct.sort((a, b) => a - b) };
}

const placesOf = (targets: readonly Target[], which: (target: Target) => boolean): number[] =>
  [...targets.keys()].filter((place) => which(targets[place]!));

/** At most `count` of the offers, one machine after the other. */
function spread(offers: readonly number[], targets: readonly Target[], count: number): number[] {
  const byNode = [...groupByNode(offers, (place) => targets[place]!.node).values()];
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < count; turn += 1) {
    const left = byNode.filter((ofNode) => turn < ofNode.length);
    if (left.length === 0) break;
    for (const ofNode of left) if (chosen.length < count) chosen.push(ofNode[turn]!);
  }
  return chosen;
}

/** A relay while children are given to it. */
interface Branch {
  readonly relay: number;
  readonly children: number[];
  room: number;
}

/** First to relays on the same machine while they have room, then to whoever has. */
function shareOut(
  children: readonly number[],
  relays: readonly number[],
  targets: readonly Target[],
): Subtree[] {
  const each = Math.floor(children.length / relays.length);
  const oneMore = children.length % relays.length;
  const branches = relays.map((relay, at): Branch => ({
    relay,
    children: [],
    room: each + (at < oneMore ? 1 : 0),
  }));
  const byNode = groupByNode(branches, ({ relay }) => targets[relay]!.node);
  const away = children.filter((child) => {
    const { node } = targets[child]!;
    return node === undefined || !give(child, byNode.get(node));
  });
  const anywhere = [...branches];
  for (const child of away) give(child, anywhere);
  return branches.map(({ relay, children }) => ({ relay, children: children.sort((a, b) => a - b) }));
}

function groupByNode<T>(
  items: readonly T[],
  nodeOf: (item: T) => string | undefined,
): Map<string | undefined, T[]> {
  const groups = new Map<string | undefined, T[]>();
  for (const item of items) {
    const node = nodeOf(item);
    const group = groups.get(node);
    if (group) group.push(item);
    else groups.set(node, [item]);
  }
  return groups;
}

/** Gives the child to the last that has room, and drops those that have none. */
function give(child: number, branches: Branch[] = []): boolean {
  for (let last = branches.at(-1); last !== undefined; last = branches.at(-1)) {
    if (last.room > 0) {
      last.room -= 1;
      last.children.push(child);
      return true;
    }
    branches.pop();
  }
  return false;
}
