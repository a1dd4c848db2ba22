import { hold } from '../../violation.js';
import { type Stepped } from '../stepped.js';

/** A round talks to as many as it takes for a rumour to reach all in a logarithm of rounds, and to no more. */
export class FanOut {
  stepped({ observer, input, effects }: Stepped): void {
    if (input.kind !== 'round') return;
    const { id, kind, views } = observer;
    const living = [...views.values()].filter(({ status }) => status === 'alive' || status === 'suspected');
    const peers = living.filter(
      (view) => view.id !== id && view.status === 'alive' && (kind === 'relay' || view.kind === 'relay'),
    );
    const fanOut = Math.max(1, Math.ceil(Math.log2(living.length)));
    const asked = effects.messages.filter(
      ({ to, message }) => message.kind === 'syn' && peers.some((peer) => peer.id === to),
    );
    hold(
      asked.length === Math.min(fanOut, peers.length),
      'a round talks to ⌈log2 N⌉ members',
      () => `${id} talks to ${asked.length} of ${peers.length}, and knows ${living.length}`,
    );
  }
}
