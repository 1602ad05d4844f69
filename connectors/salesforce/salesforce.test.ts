import { describeConnector } from '../kit/conformance.ts';
import { connector } from './manifest.ts';
import { practice } from './practice.ts';

describeConnector(connector, practice, { records: 4_500 });
