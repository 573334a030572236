import type { Detail, ReplayAction, SendResult } from '../contract.ts';
import { readCurl, replay } from './api.ts';
import { copyText } from './clipboard.ts';
import { button, element } from './element.ts';
import { jsonOf } from './message.ts';

export type Replayed = {
  readonly onReplayed: (result: SendResult) => void;
  readonly onCopied: (message: string) => void;
  readonly onFailed: (message: string) => void;
};

/** Sends it again: as it was, under new signatures, as a new event, or with another body. */
export function replayPart({ id, request, copyable }: Detail, replayed: Replayed): HTMLElement {
  const group = element('div', { class: 'replay', role: 'group', 'aria-label': 'Replay' });
  if (request.cut) {
    group.append(
      element('p', { class: 'muted' }, 'It is not, or no longer, kept whole, so it cannot be sent again.'),
    );
    return group;
  }
  async function order(how: ReplayAction['how'], body?: string): Promise<void> {
    group.setAttribute('aria-busy', 'true');
    try {
      replayed.onReplayed(await replay({ id, how, ...(body !== undefined && { body }) }));
    } catch (fault) {
      replayed.onFailed((fault as Error).message);
    } finally {
      group.removeAttribute('aria-busy');
    }
  }
  async function copy(clicked: HTMLButtonElement): Promise<void> {
    try {
      const { command } = await readCurl(id);
      await copyText(command);
      clicked.textContent = 'Copied';
      replayed.onCopied('Copied the curl command');
    } catch (fault) {
      replayed.onFailed((fault as Error).message);
    }
  }
  const editor = bodyEditor(request.body ?? '', (how, body) => void order(how, body));
  const edit = button(
    'Edit body…',
    () => {
      editor.form.hidden = !editor.form.hidden;
      edit.setAttribute('aria-expanded', String(!editor.form.hidden));
      if (!editor.form.hidden) editor.text.focus();
    },
    { 'aria-expanded': 'false', 'aria-controls': 'edit-body', disabled: request.body === undefined },
  );
  const curl = button('Copy as curl', (clicked) => void copy(clicked), {
    title: 'A command for a POSIX shell that sends it as it was, with the secrets of the fakes',
  });
  group.append(
    element('span', { class: 'label' }, 'Replay'),
    button('As it was', () => void order('as-it-was')),
    button('Signed anew', () => void order('signed-anew'), {
      title: 'With new tokens and keys. The handler does not run again for an event that it has handled.',
    }),
    button('As a new event', () => void order('as-a-new-event'), {
      title: 'With new ids, times, tokens and keys, so that the handler runs.',
    }),
    edit,
    ...(copyable ? [curl] : []),
    editor.form,
  );
  return group;
}

function bodyEditor(body: string, send: (how: ReplayAction['how'], body: string) => void) {
  const text = element('textarea', {
    rows: 12,
    spellcheck: 'false',
    'aria-label': 'Body to send',
    'aria-describedby': 'edit-told',
  });
  text.value = laidOut(body);
  const told = element('p', { class: 'told', id: 'edit-told', role: 'status' });
  const form = element(
    'form',
    { class: 'edit', id: 'edit-body', hidden: true },
    text,
    element(
      'div',
      { class: 'row' },
      element('button', { type: 'submit', class: 'primary' }, 'Send as a new event'),
      button('Send with these ids', () => send('signed-anew', text.value)),
      told,
    ),
  );
  function tell(): void {
    const isJson = jsonOf(text.value) !== undefined;
    const message = isJson
      ? 'Signed anew when it is sent.'
      : 'This is not JSON. It can be sent all the same.';
    if (told.textContent !== message) told.textContent = message;
    told.classList.toggle('warning', !isJson);
  }
  text.addEventListener('input', tell);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send('as-a-new-event', text.value);
  });
  tell();
  return { form, text };
}

/** Indented, where it is JSON. Ten thousand nested levels would take gigabytes. */
function laidOut(body: string): string {
  const json = body.split(/[[{]/).length <= 1000 ? jsonOf(body) : undefined;
  return json ? JSON.stringify(json.value, undefined, 2) : body;
}
