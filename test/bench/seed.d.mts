/** @returns how long it took, milliseconds */
export function seedProfile(
  folder: string,
  options?: { connections?: number; executions?: number; names?: readonly string[]; log?: (text: string) => void },
): Promise<number>;
