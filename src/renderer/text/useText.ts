import { inject, type InjectionKey } from 'vue';
import { en } from './en.ts';

/** All sentences and labels of the workbench, by view. Another language is another record of this type. */
export type Messages = typeof en;

export const textKey: InjectionKey<Messages> = Symbol('text');

/** `const text = useText().run;` gives the strings of a view. */
export function useText(): Messages {
  return inject(textKey, en);
}
