/** Empty on purpose: the page needs nothing of the machine yet, and gets nothing. */
export {};
