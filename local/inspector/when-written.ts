import type { Recorder } from './recorder.ts';
import type { StoredDelivery } from './stored-delivery.ts';

/** Calls back with what handlers wrote, once their delivery is answered and logged, and again with what comes later. */
export function whenWritten(
  recorder: Recorder,
  listener: (delivery: StoredDelivery, messages: readonly string[]) => void,
): void {
  const passedOn = new WeakMap<StoredDelivery, number>();
  recorder.onChange((id) => {
    const delivery = recorder.get(id);
    if (!delivery?.entry) return;
    const fresh = recorder.writtenBy(id).slice(passedOn.get(delivery) ?? 0);
    if (fresh.length === 0) return;
    passedOn.set(delivery, delivery.logs.length);
    listener(delivery, fresh);
  });
}
