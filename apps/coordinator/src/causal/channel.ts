import { type Channel, channelSchema, parse, type Selector, selectorSchema } from '@nexus/contracts';

/** The channel that a selector stands for; none for agents that are named one by one. */
export function channelOf({ ids, group, capability }: Selector): Channel | undefined {
  if (ids !== undefined) return undefined;
  if (group !== undefined) return parse(channelSchema, `group.${group}`, 'channel');
  if (capability !== undefined) return parse(channelSchema, `capability.${capability}`, 'channel');
  return parse(channelSchema, 'all', 'channel');
}

/** The agents that a channel is for. */
export function selectorOf(channel: Channel): Selector {
  const [kind = '', name] = channel.split('.');
  return parse(selectorSchema, kind === 'all' ? { all: true } : { [kind]: name }, 'channel');
}
