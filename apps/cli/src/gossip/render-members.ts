import { type MemberStatus, type MemberView } from '@nexus/contracts';
import {
  type Cell,
  type Colours,
  formatDuration,
  formatShare,
  renderTable,
  type Tone,
} from '@nexus/platform/terminal';
import { type MembersSeen } from './ask-gossip.js';

const tones: Readonly<Record<MemberStatus, Tone>> = {
  alive: 'good',
  suspected: 'warning',
  dead: 'bad',
  left: 'quiet',
};

/** Above it the exact number tells nobody anything more. */
const phiShownMax = 100;

/** The members for people, one a line. */
export const renderMembers = ({ self, members }: MembersSeen, nowMs: number, colours: Colours): string =>
  renderTable({
    head: [
      ...['MEMBER', 'KIND', 'STATUS', 'PHI', 'SILENT', 'AGE'],
      ...['VERSION', 'CPU', 'MEMORY', 'LAG', 'ROUND TRIP'],
    ],
    right: [3, 4, 5, 6, 7, 8, 9, 10],
    rows: members.map((member) => rowOf(member, self, nowMs)),
    colours,
  });

function rowOf(member: MemberView, self: string, nowMs: number): Cell[] {
  const { memberId, kind, service, status, phi, silentMs, generation, version, vitals } = member;
  return [
    memberId,
    service ?? kind,
    { text: status, tone: tones[status] },
    phi > phiShownMax ? `>${phiShownMax}` : phi.toFixed(1),
    formatDuration(silentMs),
    formatDuration(Math.max(0, nowMs - generation)),
    version,
    ...(vitals
      ? [formatShare(vitals.cpu), formatShare(vitals.memory), formatDuration(vitals.loopLagMs)]
      : ['-', '-', '-']),
    memberId === self ? 'answers' : member.rttMs === undefined ? '-' : formatDuration(member.rttMs),
  ];
}
