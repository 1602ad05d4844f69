/** Shapes that calls about several subjects share. */
import { z } from 'zod';

export const nothing = z.strictObject({});
/** One page of a longer answer. */
export const page = {
  offset: z.number().int().min(0).max(1_000_000_000),
  limit: z.number().int().min(1).max(500),
};
export const searchText = z.string().max(300);
/** What became of a file that the person was asked to name. */
export const savedFileSchema = z.strictObject({
  status: z.enum(['saved', 'cancelled']),
  fileName: z.string(),
  rows: z.number().int(),
});
