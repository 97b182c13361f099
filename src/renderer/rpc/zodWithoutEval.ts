import { z } from 'zod';

/** The page forbids `eval`, and zod would find that out by trying, which the browser reports as a violation. */
z.config({ jitless: true });
