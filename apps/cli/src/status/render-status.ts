import { type Cell, type Colours, formatDuration, printable, renderTable } from '@nexus/platform/terminal';
import { meshFaults, type MeshFigures } from '../gossip/mesh-health.js';
import { type ModelFigures, modelsText } from '../intelligence/model-health.js';
import { type ServiceFigures } from './service-survey.js';
import { type AgentCounts, type DecisionLogFigures, type StatusReport } from './status-report.js';

/** The report for people. */
export function renderStatus(report: StatusReport, nowMs: number, paint: Colours): string {
  const { nats, services, agents, decisions, mesh, models, problems } = report;
  const server = `${nats.url} (nats-server ${nats.version}, round trip ${formatDuration(nats.rttMs)})`;
  return [
    `${paint.bold('NATS')}       ${printable(server)}`,
    `${paint.bold('Agents')}     ${agents === null ? paint.red('unknown') : renderCounts(agents)}`,
    `${paint.bold('Decisions')}  ${decisions === null ? paint.red('unknown') : renderLog(decisions)}`,
    `${paint.bold('Members')}    ${mesh === null ? paint.yellow('unknown: no gossip service answers') : renderMesh(mesh, paint)}`,
    `${paint.bold('Models')}     ${models === null ? paint.yellow('unknown: no intelligence service answers') : renderLearning(models, nowMs, paint)}`,
    ...(services.length === 0 ? [] : ['', renderServices(services, nowMs, paint)]),
    ...(problems.length === 0
      ? []
      : ['', ...problems.map((problem) => `${paint.red('✘')} ${printable(problem)}`)]),
  ].join('\n');
}

function renderCounts({ total, alive, suspected, complete }: AgentCounts): string {
  return `${complete ? '' : 'more than '}${total}: ${alive} alive, ${suspected} suspected`;
}

const renderLog = ({ leader, term, answering, replicas }: DecisionLogFigures): string =>
  printable(`${leader ?? 'nobody'} leads term ${term}, ${answering} of ${replicas} replicas answer`);

function renderMesh(mesh: MeshFigures, paint: Colours): string {
  const { members, services, agents, convergence } = mesh;
  const counts = printable(`${members}: ${services} services, ${agents} agents; converged: ${convergence}`);
  const faults = meshFaults(mesh);
  return faults.length === 0 ? counts : `${counts}; ${paint.yellow(printable(faults.join('; ')))}`;
}

function renderLearning(models: ModelFigures, nowMs: number, paint: Colours): string {
  const text = printable(modelsText(models, nowMs));
  return models.faults.length === 0 ? text : `${text}; ${paint.yellow(printable(models.faults.join('; ')))}`;
}

const renderServices = (services: readonly ServiceFigures[], nowMs: number, colours: Colours) =>
  renderTable({
    head: ['SERVICE', 'ID', 'VERSION', 'UPTIME', 'REQUESTS', 'ERRORS', 'AVERAGE', 'DROPS'],
    right: [3, 4, 5, 6, 7],
    rows: services.map((service) => rowOf(service, nowMs)),
    colours,
  });

function rowOf(service: ServiceFigures, nowMs: number): Cell[] {
  const { name, id, version, startedAt, requests, errors, averageMs, drops } = service;
  const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
  return [
    name,
    id,
    version,
    formatDuration(Math.max(0, nowMs - Date.parse(startedAt))),
    requests,
    errors === 0 ? 0 : { text: errors, tone: 'warning' },
    averageMs === null ? '-' : formatDuration(averageMs),
    dropped === 0 ? 0 : { text: dropped, tone: 'warning' },
  ];
}
