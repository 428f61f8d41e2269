/**
 * Processors: payment events of those who take the customers' payments for the operator, and the
 * records that they make. Owns `processor_events`.
 */
export { eventLines } from './event-endpoints.ts';
export { countEventStates, listEvents, showEvent } from './list-events.ts';
export { eventStates, NoStripe, type EventState, type ProcessorEvent } from './processor.ts';
export { receiveEvent } from './receive-event.ts';
export { retryEvents, retryOne } from './retry-events.ts';
