import { describeConfig, type FieldDescription } from './describe-config.js';
import { type Fields } from './load-config.js';

export interface ConfigSection {
  /** Who reads these variables. */
  readonly title: string;
  readonly fields: Fields;
}

/** Every variable of every program as a Markdown document, from the same fields by which they are read. */
export function renderConfigDocument(sections: readonly ConfigSection[]): string {
  const head = [
    '# Configuration',
    '',
    'Every program reads its variables before it starts, and names all faults at once. This page is generated from the',
    'fields that they are read by: `npm run docs:config`.',
  ];
  return [...head, ...sections.flatMap(renderSection), ''].join('\n');
}

const renderSection = ({ title, fields }: ConfigSection): string[] => [
  '',
  `## ${title}`,
  '',
  '| variable | default | unit | what it means, and what it trades |',
  '| --- | --- | --- | --- |',
  ...describeConfig(fields).map(renderRow),
];

const renderRow = ({ variable, default: fallback, unit, means, trades }: FieldDescription): string => {
  const cells = [
    `\`${variable}\``,
    fallback === undefined ? 'unset' : `\`${fallback}\``,
    unit ?? '',
    [means, trades].filter(Boolean).join(' '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};
