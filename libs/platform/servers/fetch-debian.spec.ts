import { describe, expect, it } from '@jest/globals';
import { missingLibraries } from './fetch-debian.js';

describe('missingLibraries', () => {
  const depends = [
    'redis-server',
    '  Depends: redis-tools',
    'redis-tools',
    '  Depends: libjemalloc2',
    'libjemalloc2',
    'libssl3',
    'lua-cjson',
    'libc6',
    'libperl5.36',
    '<debconf-2.0>',
    'adduser',
    'libjemalloc2',
  ].join('\n');

  it('names each library that is not installed once, and no other package', () => {
    expect(missingLibraries(depends, 'ii  libssl3\nii  adduser\n')).toEqual(['libjemalloc2', 'lua-cjson']);
  });

  it('counts a package that was removed but left its settings as missing', () => {
    expect(missingLibraries('libssl3', 'rc  libssl3\n')).toEqual(['libssl3']);
  });

  it('never takes the C library, which must match the loader of the system', () => {
    expect(missingLibraries('libc6\nlibc6-dev', '')).toEqual([]);
  });
});
