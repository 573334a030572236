import { providers } from '../../local/providers/index.ts';

/** Every forgery of every sender, with its family. */
export const everyForgery = providers
  .flatMap(({ forgeries }) => forgeries)
  .flatMap((family) => family.members.map((forgery) => ({ ...forgery, family })));
