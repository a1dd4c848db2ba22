import {
  type ConvergenceView,
  type Endpoint,
  endpoints,
  type GossipPutReply,
  type gossipDeleteRequestSchema,
  type gossipPutRequestSchema,
  type MemberId,
  type MemberKind,
  type MemberStatus,
  type MemberView,
  NexusError,
  type SharedKey,
} from '@nexus/contracts';
import { Caller } from '@nexus/wire';
import { type z } from 'zod';
import { type Link } from '../connect/open-client.js';
import { Advised } from '../ending/next-step.js';

export interface MemberFilter {
  readonly kind?: MemberKind;
  readonly status?: MemberStatus;
}

/** Members as one of them sees them. */
export interface MembersSeen {
  readonly self: MemberId;
  readonly members: readonly MemberView[];
  /** Whether there are more than were asked for. */
  readonly more: boolean;
}

/** The shared keys, and whether everybody knows them. */
export interface StateSeen extends ConvergenceView {
  readonly self: MemberId;
  readonly keys: readonly SharedKey[];
  readonly more: boolean;
}

export type PutRequest = z.input<typeof gossipPutRequestSchema>;
export type DeleteRequest = z.input<typeof gossipDeleteRequestSchema>;

const timeoutMs = 3_000;
const pageSize = 1_000;
/** Far more than people read; programs are told that there are more. */
const pagesMax = 10;

type Paged<T> = T & { readonly cursor: string | null };

/** Speaks to a gossip service, as any outsider may. */
export class GossipDoor {
  private readonly caller: Caller;

  constructor({ connection, replies, prefix }: Pick<Link, 'connection' | 'replies' | 'prefix'>) {
    this.caller = new Caller(connection, replies, prefix);
  }

  /** @throws Advised when no gossip service answers, NexusError what one answered */
  async members(filter: MemberFilter = {}): Promise<MembersSeen> {
    const pages = await this.pages((page) => this.ask(endpoints.gossipMembers, { ...filter, ...page }));
    return {
      self: pages[0].self,
      members: pages.flatMap(({ members }) => members),
      more: pages.at(-1)?.cursor !== null,
    };
  }

  /** @throws as `members` */
  async state(keyPrefix?: string): Promise<StateSeen> {
    const named = keyPrefix !== undefined && { keyPrefix };
    const pages = await this.pages((page) => this.ask(endpoints.gossipState, { ...named, ...page }));
    const [{ self, converged, versions, waitingFor }] = pages;
    const keys = pages.flatMap((page) => page.keys);
    return { self, converged, versions, waitingFor, keys, more: pages.at(-1)?.cursor !== null };
  }

  /** @throws as `members`; NexusError `payload_too_large` for a value above the bound */
  put(request: PutRequest): Promise<GossipPutReply> {
    return this.ask(endpoints.gossipPut, request);
  }

  /** @throws as `members` */
  delete(request: DeleteRequest): Promise<GossipPutReply> {
    return this.ask(endpoints.gossipDelete, request);
  }

  private async pages<T>(
    ask: (page: { limit: number; cursor?: string }) => Promise<Paged<T>>,
  ): Promise<[Paged<T>, ...Paged<T>[]]> {
    const first = await ask({ limit: pageSize });
    const pages: [Paged<T>, ...Paged<T>[]] = [first];
    for (let { cursor } = first; cursor !== null && pages.length < pagesMax;) {
      const page = await ask({ limit: pageSize, cursor });
      pages.push(page);
      ({ cursor } = page);
    }
    return pages;
  }

  private async ask<Req extends z.ZodType, Rep extends z.ZodType>(
    endpoint: Endpoint<string, Req, Rep>,
    request: z.input<Req>,
  ): Promise<z.infer<Rep>> {
    try {
      return await this.caller.call(endpoint, {}, request, { timeoutMs });
    } catch (thrown) {
      const error = NexusError.from(thrown);
      if (error.code !== 'unavailable') throw error;
      throw new Advised(error, 'start a gossip service, or the whole stack with nexus up');
    }
  }
}
