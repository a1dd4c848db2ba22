import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { errorBodySchema, errorCodes, NexusError, parse, requestIdSchema } from '@nexus/contracts';
import { coloursFor } from '@nexus/platform/terminal';
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodeOfStatus, exitCodesHelp } from './exit-codes.js';
import { Advised, nextStep } from './next-step.js';
import { Output } from '../session/output.js';
import { faultOf, renderError, tellFault } from './render-error.js';

const paint = coloursFor({ isTTY: false });
const render = (thrown: unknown) => renderError(faultOf(thrown), paint);

describe('exit codes', () => {
  it.each(errorCodes)('are documented for %s', (code) => {
    const documented = new RegExp(`\\b${exitCodeOf(code)} {2}[a-z_, ]*\\b${code}\\b`);
    expect(exitCodesHelp).toMatch(
      code === 'internal' || code === 'invalid_argument' ? new RegExp(code) : documented,
    );
    expect(exitCodeOf(code)).toBeGreaterThan(0);
    expect(exitCodeOf(code)).toBeLessThan(10);
  });

  it('tell the status of a coordination', () => {
    expect(exitCodeOfStatus('complete', true)).toBe(0);
    expect(exitCodeOfStatus('partial', false)).toBe(0);
    expect(exitCodeOfStatus('partial', true)).toBe(11);
    expect(exitCodeOfStatus('failed', false)).toBe(10);
  });
});

describe('nextStep', () => {
  it.each(errorCodes)('knows what to do about %s', (code) =>
    expect(nextStep(new NexusError(code, 'x'))).not.toBe(''),
  );

  it('says when to try again', () => {
    expect(nextStep(new NexusError('overloaded', 'x', { retryAfterMs: 250 }))).toBe('try again in 250 ms');
  });
});

describe('renderError', () => {
  it('is one line, details below, and what to do', () => {
    const details = [
      { path: 'agents', message: 'too many' },
      { path: '', message: 'late' },
    ];
    expect(render(new NexusError('conflict', 'taken', { details }))).toBe(
      'error conflict: taken\n  agents: too many\n  late\n→ somebody else was first: look at what stands now, or choose another id',
    );
  });

  it('does not repeat the detail that the message quotes', () => {
    const thrown = (() => {
      try {
        return parse(requestIdSchema, '', 'the request');
      } catch (error) {
        return error;
      }
    })();
    expect(render(thrown).split('\n')).toHaveLength(2);
  });

  it('prefers the advice of the command', () => {
    expect(render(new Advised(new NexusError('unavailable', 'down'), 'wait'))).toBe(
      'error unavailable: down\n→ wait',
    );
  });

  it('turns a usage error into invalid_argument with its suggestion', () => {
    const usage = new CommanderError(
      1,
      'commander.unknownCommand',
      "error: unknown command 'x'\n(Did you mean y?)",
    );
    expect(render(usage)).toContain("error invalid_argument: unknown command 'x' (Did you mean y?)");
  });

  it('tells an unexpected error by its own words, without control codes', () => {
    expect(render(new TypeError('odd\u001b[2J'))).toContain('error internal: odd?[2J');
  });
});

describe('tellFault', () => {
  const told = (json: boolean) => {
    const notes = new PassThrough();
    const output = new Output(new PassThrough() as never, notes as never);
    tellFault(output, faultOf(new NexusError('unavailable', 'down\u009b2J')), { json });
    return String(notes.read());
  };

  it('tells programs the error as the wire has it, with advice, on one line', () => {
    const line = told(true);
    expect(line).toMatch(/^\{.*\}\n$/);
    expect(line).toContain('down\\u009b2J');
    expect(errorBodySchema.parse(JSON.parse(line)).error.code).toBe('unavailable');
    expect(JSON.parse(line)).toMatchObject({ advice: expect.stringContaining('nexus up') });
  });

  it('tells people', () => expect(told(false)).toMatch(/^error unavailable: down\?2J\n→ /));
});
