import userEvent from '@testing-library/user-event';

/** A user who does not hesitate. */
export const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
