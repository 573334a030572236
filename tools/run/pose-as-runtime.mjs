/**
 * Preloaded into npm, with a version as the query of its URL. npm leaves out, without a word, optional packages (the
 * native parts of vite and oxlint) that do not suit the Node it runs on itself, warns about the rest, and has no
 * setting to say that they will run on another.
 */
Object.defineProperty(process, 'version', {
  value: new URL(import.meta.url).search.slice(1),
  enumerable: true,
});
