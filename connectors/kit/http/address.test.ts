import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyAddress, mayConnect } from './address.ts';

describe('addresses', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])(
    '%s is public',
    (address) => {
      expect(classifyAddress(address)).toBe('public');
    },
  );

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
  ])('%s is private', (address) => {
    expect(classifyAddress(address)).toBe('private');
  });

  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '100.100.100.200',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
    '2002:7f00:1::',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '192.0.2.1',
    'not an address',
    '',
  ])('%s is for nobody', (address) => {
    expect(classifyAddress(address)).toBe('never');
    expect(mayConnect(address, true, false)).toBe(false);
    expect(mayConnect(address, true, true)).toBe(false);
  });

  it('keeps every link-local address out, in all spellings', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), (third, fourth) => {
        const hex = (third * 256 + fourth).toString(16);
        for (const spelling of [
          `169.254.${third}.${fourth}`,
          `::ffff:169.254.${third}.${fourth}`,
          `::ffff:a9fe:${hex}`,
          `[::ffff:a9fe:${hex}]`,
        ])
          expect(mayConnect(spelling, true, true)).toBe(false);
      }),
    );
  });

  it('lets plain http reach private addresses only, and only when the connection allows them', () => {
    expect(mayConnect('127.0.0.1', true, true)).toBe(true);
    expect(mayConnect('127.0.0.1', false, true)).toBe(false);
    expect(mayConnect('127.0.0.1', false, false)).toBe(false);
    expect(mayConnect('8.8.8.8', true, true)).toBe(false);
    expect(mayConnect('8.8.8.8', false, false)).toBe(true);
  });
});
