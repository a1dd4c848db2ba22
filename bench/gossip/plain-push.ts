import { fanOut } from '@nexus/core/gossip';

/** What one member told of itself, as it stood at a version. */
export interface PlainEntry {
  readonly version: number;
  readonly state: Readonly<Record<string, string>>;
}

/**
 * Gossip as one writes it down first: each round the whole state to so many others, who keep of each member what is
 * newer. It heartbeats by a version that grows, and finds nobody dead.
 */
export class PlainPush {
  private readonly entries = new Map<string, PlainEntry>();
  /** The length of the whole state as JSON, kept as entries change: to write it out for each message would cost more. */
  private bytes = 2;

  constructor(
    readonly id: string,
    state: PlainEntry['state'],
  ) {
    this.take(id, { version: 1, state });
  }

  get size(): number {
    return this.entries.size;
  }

  get bytesOfState(): number {
    return this.bytes;
  }

  entry(id: string): PlainEntry | undefined {
    return this.entries.get(id);
  }

  put(key: string, value: string): void {
    const own = this.entries.get(this.id)!;
    this.take(this.id, { version: own.version + 1, state: { ...own.state, [key]: value } });
  }

  /** Its heartbeat, and whom it is to send its state to. */
  round(random: () => number): string[] {
    const own = this.entries.get(this.id)!;
    this.take(this.id, { ...own, version: own.version + 1 });
    const others = [...this.entries.keys()].filter((id) => id !== this.id);
    const count = Math.min(fanOut(this.entries.size), others.length);
    for (let at = 0; at < count; at += 1) {
      const other = at + Math.floor(random() * (others.length - at));
      [others[at], others[other]] = [others[other]!, others[at]!];
    }
    return others.slice(0, count);
  }

  /** The whole state: a message as the receiver gets it. */
  *state(): Iterable<readonly [id: string, entry: PlainEntry]> {
    yield* this.entries;
  }

  encode(): string {
    return JSON.stringify(Object.fromEntries(this.entries));
  }

  decode(text: string): void {
    this.merge(Object.entries(JSON.parse(text) as Record<string, PlainEntry>));
  }

  merge(state: Iterable<readonly [id: string, entry: PlainEntry]>): void {
    for (const [id, entry] of state) {
      const known = this.entries.get(id);
      if (known === undefined || entry.version > known.version) this.take(id, entry);
    }
  }

  private take(id: string, entry: PlainEntry): void {
    this.bytes += bytesOf(id, entry) - bytesOf(id, this.entries.get(id));
    this.entries.set(id, entry);
  }
}

const lengths = new WeakMap<PlainEntry['state'], number>();

/** As JSON, within the state: `"id":{…},`. */
function bytesOf(id: string, entry: PlainEntry | undefined): number {
  if (entry === undefined) return 0;
  const length = lengths.get(entry.state) ?? JSON.stringify(entry.state).length;
  lengths.set(entry.state, length);
  return `"${id}":{"version":${entry.version},"state":},`.length + length;
}
