import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { castBy, Misfit, type TextRules } from './cast.ts';
import { compileFormat } from './date-format.ts';
import { dateRuleProblem } from './text-rules.ts';
import { dayOf } from './time-text.ts';
import { isTimeZone, timeZone } from './time-zone.ts';

function time(value: unknown, rules: TextRules = {}): unknown {
  const cell = castBy('datetime', rules)(value);
  return cell instanceof Misfit ? cell.reason : cell;
}

describe('ISO 8601', () => {
  it.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2024-05-01T10:00', '2024-05-01T10:00:00.000Z'],
    ['2024-05-01 10:00:59', '2024-05-01T10:00:59.000Z'],
    ['2024-05-01T10:00:00,5Z', '2024-05-01T10:00:00.500Z'],
    ['2024-05-01T10:00:00.123000Z', '2024-05-01T10:00:00.123Z'],
    ['2024-05-01T10:00:00.000+0000', '2024-05-01T10:00:00.000Z'],
    ['2024-05-01T10:00:00-05:30', '2024-05-01T15:30:00.000Z'],
    ['2024-05-01T10:00:00+02', '2024-05-01T08:00:00.000Z'],
    ['2024-05-01 10:00 UTC', '2024-05-01T10:00:00.000Z'],
    ['2024-12-31T24:00:00Z', '2025-01-01T00:00:00.000Z'],
    ['0099-01-01', '0099-01-01T00:00:00.000Z'],
    ['  ', null],
  ])('%j is %j', (text, stored) => {
    expect(time(text)).toBe(stored);
  });

  it.each([
    ['Test 2', /not a date or time in ISO 8601$/],
    ['2', /not a date or time/],
    ['2024', /not a date or time/],
    ['May 1, 2024', /not a date or time/],
    ['03/04/2024', /not a date or time/],
    ['2024-5-1', /not a date or time/],
    ['2024-02-30', /does not exist/],
    ['2023-02-29T00:00:00.000Z', /does not exist/],
    ['1900-02-29', /does not exist/],
    ['2024-13-01', /does not exist/],
    ['2024-05-01T25:00', /does not exist/],
    ['2024-05-01T24:00:01', /does not exist/],
    ['2024-05-01T10:60', /does not exist/],
    ['2024-05-01T10:00:00+25:00', /not a date or time/],
    ['2024-05-01T10:00:00.123456Z', /finer than a millisecond/],
    [20_240_501, /number/],
    [45_413, /number/],
  ])('refuses %j', (value, reason) => {
    expect(time(value)).toMatch(reason);
  });
});

describe('formats', () => {
  it.each([
    ['DD/MM/YYYY', '03/04/2024', '2024-04-03T00:00:00.000Z'],
    ['MM/DD/YYYY HH:mm', '03/04/2024 17:05', '2024-03-04T17:05:00.000Z'],
    ['D.M.YYYY', '3.4.2024', '2024-04-03T00:00:00.000Z'],
    ['D.M.YYYY', '13.12.2024', '2024-12-13T00:00:00.000Z'],
    ['D MMM YYYY', '1 may 2024', '2024-05-01T00:00:00.000Z'],
    ['MMMM D, YYYY h:mm A', 'September 7, 2024 12:05 AM', '2024-09-07T00:05:00.000Z'],
    ['M/D/YYYY h:mm:ss A', '9/7/2024 1:05:09 pm', '2024-09-07T13:05:09.000Z'],
    ['YYYYMMDD', '20240501', '2024-05-01T00:00:00.000Z'],
    ['YYYYMMDDTHHmmss', '20240501T101112', '2024-05-01T10:11:12.000Z'],
    ['YYYY/MM/DD HH:mm:ss.SSS Z', '2024/05/01 10:00:00.25 +02:00', '2024-05-01T08:00:00.250Z'],
    ['[on] DD-MM-YYYY', 'on 01-05-2024', '2024-05-01T00:00:00.000Z'],
  ])('%s reads %j', (format, text, stored) => {
    expect(time(text, { formats: [format] })).toBe(stored);
  });

  it.each([
    ['DD/MM/YYYY', '3/4/2024'],
    ['DD/MM/YYYY', '03/04/24'],
    ['DD/MM/YYYY', '03/04/2024 '.concat('x')],
    ['DD/MM/YYYY', '03-04-2024'],
    ['h:mm A D.M.YYYY', '13:00 PM 1.1.2024'],
    ['DD/MM/YYYY', 'Test 2'],
  ])('%s refuses %j', (format, text) => {
    expect(time(text, { formats: [format] })).toBe('is not a date or time in ISO 8601 or in a format of the mapping');
  });

  it('refuses days that do not exist, and texts that two formats read differently', () => {
    expect(time('31/02/2024', { formats: ['DD/MM/YYYY'] })).toMatch(/does not exist/);
    const both = { formats: ['DD/MM/YYYY', 'MM/DD/YYYY'] };
    expect(time('03/04/2024', both)).toMatch(/two formats/);
    expect(time('13/04/2024', both)).toBe('2024-04-13T00:00:00.000Z');
    expect(time('04/04/2024', both)).toBe('2024-04-04T00:00:00.000Z');
    expect(time('2024-04-13', both)).toBe('2024-04-13T00:00:00.000Z');
  });

  it.each([
    ['', /Enter a date format/],
    ['DD/MM/YY', /four digits/],
    ['dd/MM/YYYY', /dd is not part of a date format/],
    ['DD/MM', /needs a year/],
    ['DMYYYY', /separator before M/],
    ['DD/DD/YYYY', /already has/],
    ['DD/MM/YYYY hh:mm', /h and A/],
    ['DD/MM/YYYY HH:mm:ss [x', /Close the bracket/],
    ['DD/MM/YYYY q', /q is not part/],
    ['DD/MM/YYYY Z', /needs a time/],
    [`DD/MM/YYYY${'.'.repeat(60)}`, /at most/],
  ])('the format %j is told what is wrong with it', (format, problem) => {
    const compiled = compileFormat(format);
    expect(compiled.ok ? '' : compiled.problem).toMatch(problem);
  });

  it('judges formats and zones of a column', () => {
    expect(dateRuleProblem({ type: 'datetime', formats: ['D.M.YYYY'], timeZone: 'Europe/Berlin' })).toBeNull();
    expect(dateRuleProblem({ type: 'datetime', formats: ['D.M.YY'] })).toMatchObject({ part: 'formats' });
    expect(dateRuleProblem({ type: 'datetime', timeZone: 'Mars/Olympus' })).toMatchObject({ part: 'timeZone' });
    expect(dateRuleProblem({ type: 'integer', timeZone: 'UTC' })).toMatchObject({ part: 'timeZone' });
  });
});

describe('time zones', () => {
  const berlin = { timeZone: 'Europe/Berlin' };
  it.each<[string, TextRules, string]>([
    ['2024-01-15T10:00', berlin, '2024-01-15T09:00:00.000Z'],
    ['2024-07-15 10:00', berlin, '2024-07-15T08:00:00.000Z'],
    ['2024-07-15', berlin, '2024-07-14T22:00:00.000Z'],
    ['2024-07-15T10:00Z', berlin, '2024-07-15T10:00:00.000Z'],
    ['2024-03-31T01:59:59', berlin, '2024-03-31T00:59:59.000Z'],
    ['2024-03-31T03:00', berlin, '2024-03-31T01:00:00.000Z'],
    ['2024-10-27T01:59', berlin, '2024-10-26T23:59:00.000Z'],
    ['2024-10-27T03:00', berlin, '2024-10-27T02:00:00.000Z'],
    ['2024-05-01 10:00', { timeZone: 'Asia/Kolkata' }, '2024-05-01T04:30:00.000Z'],
    ['1.5.2024 10:00', { timeZone: 'America/New_York', formats: ['D.M.YYYY HH:mm'] }, '2024-05-01T14:00:00.000Z'],
    // Midnight of this day does not exist there: the day begins at one o'clock.
    ['2018-11-04', { timeZone: 'America/Sao_Paulo' }, '2018-11-04T03:00:00.000Z'],
    ['2024-04-07 01:45', { timeZone: 'Australia/Lord_Howe' }, 'shows twice'],
    ['1850-01-01', { timeZone: 'America/New_York' }, '1850-01-01T04:56:02.000Z'],
  ])('%j in %j is %s', (text, rules, stored) => {
    const found = time(text, rules);
    if (stored === 'shows twice') expect(found).toMatch(/show twice/);
    else expect(found).toBe(stored);
  });

  it('refuses wall-clock times that the zone skips or shows twice, unless the mapping converts', () => {
    expect(time('2024-03-31T02:30', berlin)).toMatch(/clocks of Europe\/Berlin skip/);
    expect(time('2024-10-27T02:30', berlin)).toMatch(/show twice/);
    expect(time('2024-10-27T02:30+01:00', berlin)).toBe('2024-10-27T01:30:00.000Z');
    expect(time('2024-03-31T02:30', { ...berlin, converts: true })).toBe('2024-03-31T01:30:00.000Z');
    expect(time('2024-10-27T02:30', { ...berlin, converts: true })).toBe('2024-10-27T00:30:00.000Z');
    expect(time('2011-12-30', { timeZone: 'Pacific/Apia' })).toMatch(/calendar of Pacific\/Apia skips/);
  });

  it('knows the day of an instant in a zone', () => {
    const ms = Date.UTC(2024, 4, 1, 2);
    expect(dayOf(ms, undefined)).toBe('2024-05-01');
    expect(dayOf(ms, 'America/New_York')).toBe('2024-04-30');
    expect(dayOf(ms, 'Pacific/Auckland')).toBe('2024-05-01');
  });

  it('gives every day back in every zone it is tried in', () => {
    for (const name of ['America/New_York', 'Asia/Kolkata', 'Europe/London', 'Pacific/Auckland', 'America/Havana']) {
      const zone = timeZone(name);
      for (let day = Date.UTC(2023, 0); day < Date.UTC(2025, 0); day += 86_400_000) {
        const text = new Date(day).toISOString().slice(0, 10);
        const stored = time(text, { timeZone: name });
        expect(dayOf(Date.parse(String(stored)), name)).toBe(text);
        const { ms } = zone.at(day + 43_200_000);
        expect(zone.local(ms)).toBe(day + 43_200_000);
      }
    }
  });

  it('knows zones by their IANA name', () => {
    expect(['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia', 'Etc/GMT+5'].every(isTimeZone)).toBe(true);
    expect(['', 'Mars/Olympus', '+02:00', 'Europe/', '../etc', '__proto__'].some(isTimeZone)).toBe(false);
  });
});

describe('the zone of this machine', () => {
  const code = `
    import { castBy } from ${JSON.stringify(new URL('./cast.ts', import.meta.url).href)};
    import { dayOf } from ${JSON.stringify(new URL('./time-text.ts', import.meta.url).href)};
    const texts = ['2024-03-10 02:30', '2024-03-31T02:30', '2024-05-01', '1.5.2024 00:15', 'Test 2', '2024-11-03 01:30', '1969-12-31T23:59'];
    const rules = [{}, { formats: ['D.M.YYYY HH:mm'] }, { timeZone: 'Europe/Berlin', formats: ['D.M.YYYY HH:mm'] }];
    const cells = rules.flatMap((rule) => texts.map((text) => castBy('datetime', rule)(text)));
    const days = ['UTC', 'Asia/Tokyo'].map((zone) => dayOf(1714521600000, zone));
    process.stdout.write(JSON.stringify([cells, days, new Date(2024, 0, 1).toISOString()]));
  `;
  const under = (zone: string): unknown[] =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', code], {
        env: { ...process.env, TZ: zone, NODE_OPTIONS: '' },
        encoding: 'utf8',
      }),
    ) as unknown[];

  it('decides nothing: New York and Kolkata store what UTC stores', () => {
    const [cells, days, ownMidnight] = under('UTC');
    expect((cells as unknown[]).slice(0, 3)).toEqual([
      '2024-03-10T02:30:00.000Z',
      '2024-03-31T02:30:00.000Z',
      '2024-05-01T00:00:00.000Z',
    ]);
    for (const zone of ['America/New_York', 'Asia/Kolkata']) {
      const [otherCells, otherDays, otherMidnight] = under(zone);
      expect(otherMidnight).not.toBe(ownMidnight);
      expect([otherCells, otherDays]).toEqual([cells, days]);
    }
  });
});
