import { element } from './element.ts';
import type { Counts, Filter } from './delivery-store.ts';
import { providerName } from './format.ts';

const verdicts = ['all', 'accepted', 'rejected', 'unavailable'] as const;

/** Filters the list by verdict, by provider and by text. */
export function filterBar(onChange: () => void) {
  const search = element('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Type, reason, path, call…',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': 'Filter by text',
    'aria-keyshortcuts': '/',
  });
  const providers = element(
    'select',
    { 'aria-label': 'Provider' },
    element('option', { value: '' }, 'All providers'),
  );
  const choices = verdicts.map((verdict) => {
    const number = element('span', { class: 'number' }, '0');
    const radio = element('input', {
      type: 'radio',
      name: 'verdict',
      value: verdict,
      checked: verdict === 'all',
    });
    return {
      verdict,
      radio,
      number,
      label: element('label', {}, radio, element('span', {}, verdict, number)),
    };
  });
  const form = element(
    'form',
    { class: 'filters', role: 'search', 'aria-label': 'Deliveries' },
    element(
      'fieldset',
      { class: 'segments' },
      element('legend', { class: 'unseen' }, 'Verdict'),
      ...choices.map(({ label }) => label),
    ),
    providers,
    search,
  );
  form.addEventListener('input', onChange);
  form.addEventListener('submit', (event) => event.preventDefault());

  return {
    form,
    search,
    read: (): Filter => ({
      verdict: choices.find(({ radio }) => radio.checked)?.verdict ?? 'all',
      provider: providers.value,
      text: search.value,
    }),
    clear(): void {
      form.reset();
      onChange();
    },
    /** Offers the providers that have sent something. */
    showProviders(names: Iterable<string>): void {
      const offered = new Set([...providers.options].map(({ value }) => value));
      for (const value of names) {
        if (!offered.has(value)) providers.append(element('option', { value }, providerName(value)));
      }
    },
    showCounts(counts: Counts): void {
      for (const { verdict, number } of choices) number.textContent = counts[verdict].toLocaleString('en');
    },
  };
}
