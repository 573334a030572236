import { element } from './element.ts';
import { filterStates } from './delivery-store.ts';
import type { Counts, Filter } from './delivery-store.ts';
import { providerName } from './format.ts';

/** Filters the list by state, by provider and by text. */
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
  const choices = filterStates.map((state) => {
    const number = element('span', { class: 'number' }, '0');
    const radio = element('input', {
      type: 'radio',
      name: 'state',
      value: state,
      checked: state === 'all',
    });
    return {
      state,
      radio,
      number,
      label: element('label', {}, radio, element('span', {}, state, number)),
    };
  });
  const form = element(
    'form',
    { class: 'filters', role: 'search', 'aria-label': 'Deliveries' },
    element(
      'fieldset',
      { class: 'segments' },
      element('legend', { class: 'unseen' }, 'State'),
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
      state: choices.find(({ radio }) => radio.checked)?.state ?? 'all',
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
      for (const { state, number } of choices) number.textContent = counts[state].toLocaleString('en');
    },
  };
}
