import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { type AgentMessage, type RelayOrder } from '@nexus/contracts';
import { contentTypeHeader, contentTypeOf, encodeBody, type Encoding, injectTrace } from '@nexus/wire';

type Target = RelayOrder['targets'][number];

/** Stands for the token until it is known who is told. */
const blank = '-'.repeat(16);
/** What stands behind the token, which is the last that is written, in bytes. */
const tailBytes: Readonly<Record<Encoding, number>> = { json: '"}}'.length, msgpack: 0 };

interface Mould {
  readonly body: Uint8Array;
  readonly headers: MsgHdrs;
}

/** A message as it is passed on: written once an encoding, with the token of each who is told put in. */
export class PassedOn {
  private readonly moulds: Partial<Record<Encoding, Mould>> = {};

  /** @param budgetMs for those who are told */
  constructor(
    private readonly message: AgentMessage,
    private readonly budgetMs: number,
  ) {}

  to({ token, encoding = 'json' }: Target): Mould {
    const { body, headers } = (this.moulds[encoding] ??= this.mould(encoding));
    const own = Buffer.from(body);
    own.write(token, own.length - tailBytes[encoding] - blank.length, 'latin1');
    return { body: own, headers };
  }

  private mould(encoding: Encoding): Mould {
    const { relay: _order, ...message } = this.message;
    const headers = natsHeaders();
    if (encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(encoding));
    injectTrace(headers);
    const body = encodeBody({ ...message, budgetMs: this.budgetMs, relayed: { token: blank } }, encoding);
    return { body, headers };
  }
}
