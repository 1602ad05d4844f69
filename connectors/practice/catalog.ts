/** All practice servers, collected from the connectors' folders. Apart from the catalogue: the app itself needs none. */
import type { PracticeDefinition } from '../kit/practice/contract.ts';

const found = import.meta.glob<PracticeDefinition | undefined>(['../*/practice.ts', '!../kit/*.ts'], {
  eager: true,
  import: 'practice',
});

export const practices: readonly PracticeDefinition[] = Object.keys(found)
  .sort()
  .map((path) => {
    const folder = path.split('/')[1] ?? '';
    const practice = found[path];
    if (practice === undefined) throw new Error(`connectors/${folder}/practice.ts exports no "practice".`);
    if (practice.connectorId !== folder)
      throw new Error(`The practice server of "${practice.connectorId}" stands in the folder "${folder}".`);
    return practice;
  });

/** @throws Error for a connector without practice server */
export function practiceById(connectorId: string): PracticeDefinition {
  const practice = practices.find((candidate) => candidate.connectorId === connectorId);
  if (practice === undefined) throw new Error(`There is no practice server for "${connectorId}".`);
  return practice;
}

export type {
  PracticeCommand,
  PracticeDefinition,
  RunningPractice,
} from '../kit/practice/contract.ts';
