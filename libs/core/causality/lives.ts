import { type SenderId } from './stamp.js';

/**
 * Lives of one id that are remembered at once. Whoever starts anew under its id makes room by its own older lives, so that
 * neither a process that dies in a loop nor one that invents lives takes the room of others.
 */
export const livesMax = 4;

/** The id in the name of a sender, `<id>.<life>`; empty when it names no life. */
export function idOfSender(sender: SenderId): string {
  return sender.slice(0, Math.max(0, sender.lastIndexOf('.')));
}

/** The other lives of the same id among `known`. */
export function livesBeside<T>(known: ReadonlyMap<SenderId, T>, sender: SenderId): [SenderId, T][] {
  const id = idOfSender(sender);
  return [...known].filter(([other]) => other !== sender && idOfSender(other) === id);
}
