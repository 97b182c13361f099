import { common } from './en/common.ts';
import { shell } from './en/shell.ts';

/** English. One file per view in `en/`; sentences with parts are functions of the parts. */
export const en = { common, shell };
