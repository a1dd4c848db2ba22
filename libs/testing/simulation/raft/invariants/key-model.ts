import { type Command, type ExpireCommand } from '@nexus/core/replicated-state';

/** What a key holds from an entry on. */
interface Held {
  readonly index: number;
  readonly version: number;
  readonly value: unknown;
  readonly decided: boolean;
}

/** What an outcome must be; a version only when it is `done`. */
export interface Expected {
  readonly kind: 'done' | 'refused';
  readonly version?: number;
}

const absent: Held = { index: 0, version: 0, value: null, decided: false };

/** The state machine's keys once more, in the plainest way there is, with all that they ever held. */
export class KeyModel {
  private readonly histories = new Map<string, Held[]>();

  /** What the key held once the entry was applied. */
  at(key: string, index: number): Held {
    return this.histories.get(key)?.findLast((held) => held.index <= index) ?? absent;
  }

  /** Applies a command, if it concerns a key. @returns what must come of it; undefined when any outcome will do */
  apply(index: number, command: Command | ExpireCommand): Expected | undefined {
    if (command.type !== 'put' && command.type !== 'delete' && command.type !== 'decide') return undefined;
    const held = this.at(command.key, index);
    if (command.type === 'decide') {
      if (!held.decided)
        this.keep(command.key, { index, version: index, value: command.value, decided: true });
      return { kind: 'done', version: this.at(command.key, index).version };
    }
    const { expectedVersion = held.version } = command;
    const isRefused =
      held.decided || expectedVersion !== held.version || (command.type === 'delete' && held.version === 0);
    if (isRefused) return { kind: 'refused' };
    const isPut = command.type === 'put';
    const version = isPut ? index : 0;
    this.keep(command.key, {
      index,
      version,
      value: isPut ? command.value : null,
      decided: false,
    });
    return { kind: 'done', version };
  }

  private keep(key: string, held: Held): void {
    const history = this.histories.get(key);
    if (history) history.push(held);
    else this.histories.set(key, [held]);
  }
}
