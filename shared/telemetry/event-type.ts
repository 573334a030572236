const FORM = /^[\w.:-]{1,128}$/;

/** What is logged of an event's type: the type, where it looks like one, since the sender can write anything there. */
export const loggedType = (type: string) => (FORM.test(type) ? type : OTHER);

export const OTHER = 'other';
