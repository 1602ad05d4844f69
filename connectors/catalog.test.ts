import { describe, expect, it } from 'vitest';
import { connectorDescriptorSchema } from '../src/shared/connector.ts';
import { connectorById, connectors, describeAll } from './catalog.ts';
import { practiceById, practices } from './practice/catalog.ts';
import { parsePracticeArguments } from './practice/options.ts';

describe('catalogue of connectors', () => {
  it('collects every folder and describes it to the page', () => {
    expect(connectors.map(({ manifest }) => manifest.id)).toEqual(
      expect.arrayContaining(['gainsight-api', 's3', 'salesforce', 'zendesk']),
    );
    for (const descriptor of describeAll()) expect(connectorDescriptorSchema.parse(descriptor)).toEqual(descriptor);
  });

  it('refuses an id that no folder has, loudly', () => {
    expect(connectorById('salesforce').manifest.name).toBe('Salesforce');
    expect(() => connectorById('sales-force')).toThrow('This Patchbay has no connector "sales-force".');
    expect(() => practiceById('sales-force')).toThrow('There is no practice server for "sales-force".');
  });

  it('has a practice server for every connector', () => {
    expect(practices.map(({ connectorId }) => connectorId)).toEqual(connectors.map(({ manifest }) => manifest.id));
  });
});

describe('command line of the practice servers', () => {
  it('has a port of its own when none is given', () => {
    expect(parsePracticeArguments([])).toEqual({
      port: 42_820,
      records: undefined,
      latencyMs: undefined,
      connectors: [],
      stateFolder: undefined,
    });
  });

  it('takes numbers, and systems several times', () => {
    const options = parsePracticeArguments([
      '--port',
      '0',
      '--records=5000',
      '--latency',
      '5',
      '--connector',
      's3',
      '--connector',
      'zendesk',
    ]);
    expect(options).toEqual({
      port: 0,
      records: 5000,
      latencyMs: 5,
      connectors: ['s3', 'zendesk'],
      stateFolder: undefined,
    });
  });

  it.each([[['--port', 'abc']], [['--port', '99999']], [['--records', '-1']], [['--unknown', '1']], [['--port']]])(
    'refuses %j',
    (args) => {
      expect(() => parsePracticeArguments(args)).toThrow();
    },
  );
});
