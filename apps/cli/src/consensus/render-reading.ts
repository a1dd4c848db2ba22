import { type ElectionReading, type LeaseReading, type ReadReply } from '@nexus/contracts';
import { type Colours, formatDuration } from '@nexus/platform/terminal';
import { type Fact, renderFacts } from './facts.js';

/** What was read, for people. */
export const renderReading = (reading: ReadReply, paint: Colours): string =>
  renderFacts([...factsOf(reading), ['as of', `index ${reading.index}`]], paint);

function factsOf(reading: ReadReply): Fact[] {
  if ('key' in reading) {
    const { key, value, version } = reading;
    const present = version > 0;
    return [
      ['key', key],
      ['value', present ? JSON.stringify(value) : 'there is none'],
      ['version', present ? String(version) : undefined],
    ];
  }
  if ('resource' in reading) {
    return [['resource', reading.resource], ['owner', reading.owner ?? 'nobody'], ...holdOf(reading)];
  }
  return [
    ['election', reading.election],
    ['leader', reading.leader ?? 'nobody'],
    ...holdOf(reading),
    ['waiting', reading.waiting.join(', ') || undefined],
  ];
}

const holdOf = ({ fencingToken, expiresInMs }: LeaseReading | ElectionReading): Fact[] => [
  ['token', fencingToken === null ? undefined : String(fencingToken)],
  ['ends in', expiresInMs === null ? undefined : formatDuration(expiresInMs)],
];
